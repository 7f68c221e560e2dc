ALTER TABLE `check_` ADD `must_report_ms` integer;--> statement-breakpoint
ALTER TABLE `check_` ADD `announced_key` text;--> statement-breakpoint
ALTER TABLE `check_` ADD `announced` text;--> statement-breakpoint
CREATE UNIQUE INDEX `check_announced` ON `check_` (`host_id`,`announced_key`) WHERE "check_"."announced_key" is not null;--> statement-breakpoint
ALTER TABLE `host` ADD `runner_id` integer;--> statement-breakpoint
CREATE UNIQUE INDEX `host_runner_id_unique` ON `host` (`runner_id`);