ALTER TABLE `check_` ADD `schedule` text;--> statement-breakpoint
ALTER TABLE `check_` ADD `tags` text DEFAULT '[]' NOT NULL;