CREATE TABLE `evidence` (
	`k` integer PRIMARY KEY NOT NULL,
	`check_id` integer NOT NULL,
	`location_id` integer,
	`turn` text NOT NULL,
	`at` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `evidence_check` ON `evidence` (`check_id`,`at`);