ALTER TABLE `host` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `location` ADD `tags` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `runner` ADD `asked_location` text;--> statement-breakpoint
ALTER TABLE `view` ADD `health` text;