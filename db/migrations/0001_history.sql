CREATE TABLE `backfill` (
	`k` integer PRIMARY KEY NOT NULL,
	`span` integer NOT NULL,
	`b0` blob NOT NULL,
	`b1` blob NOT NULL,
	`b2` blob NOT NULL,
	`b3` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `bar` (
	`k` integer PRIMARY KEY NOT NULL,
	`days` text NOT NULL,
	`hours` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `chunk` (
	`k` integer PRIMARY KEY NOT NULL,
	`hour` integer NOT NULL,
	`body` blob NOT NULL,
	`carry` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `days` (
	`check_id` integer PRIMARY KEY NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `folded` (
	`shard` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `hours` (
	`k` integer PRIMARY KEY NOT NULL,
	`week` integer NOT NULL,
	`body` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `metric` (
	`k` integer PRIMARY KEY NOT NULL,
	`hour` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `recent` (
	`k` integer PRIMARY KEY NOT NULL,
	`span` integer NOT NULL,
	`b0` blob NOT NULL,
	`b1` blob NOT NULL,
	`b2` blob NOT NULL,
	`b3` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `recent_metric` (
	`k` integer PRIMARY KEY NOT NULL,
	`span` integer NOT NULL,
	`lines` text NOT NULL
);
--> statement-breakpoint
ALTER TABLE `incident` ADD `found_at` integer;--> statement-breakpoint
ALTER TABLE `incident` ADD `began_at` integer;--> statement-breakpoint
ALTER TABLE `incident` ADD `ended_at` integer;