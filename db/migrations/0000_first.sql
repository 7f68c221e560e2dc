CREATE TABLE `ask` (
	`id` text PRIMARY KEY NOT NULL,
	`runner_id` integer NOT NULL,
	`body` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`taken_at` integer,
	`answered_at` integer,
	`answer` text
);
--> statement-breakpoint
CREATE INDEX `ask_runner` ON `ask` (`runner_id`,`expires_at`);--> statement-breakpoint
CREATE TABLE `audit` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`actor` text NOT NULL,
	`action` text NOT NULL,
	`subject` text NOT NULL,
	`before` text,
	`after` text
);
--> statement-breakpoint
CREATE INDEX `audit_at` ON `audit` (`at`);--> statement-breakpoint
CREATE TABLE `channel` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`kind` text NOT NULL,
	`config` text NOT NULL,
	`secrets` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `check_` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`host_id` integer NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`kind` text NOT NULL,
	`target` text NOT NULL,
	`config` text NOT NULL,
	`interval_ms` integer NOT NULL,
	`timeout_ms` integer NOT NULL,
	`retry_after_ms` integer NOT NULL,
	`failures` integer NOT NULL,
	`successes` integer NOT NULL,
	`policy` text NOT NULL,
	`locations` text,
	`runner_id` integer,
	`rev` integer DEFAULT 1 NOT NULL,
	`shard` integer NOT NULL,
	`position` integer NOT NULL,
	`paused` integer DEFAULT false NOT NULL,
	`changed_version` integer NOT NULL,
	`created_at` integer NOT NULL,
	`deleted_at` integer,
	FOREIGN KEY (`runner_id`) REFERENCES `runner`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `check_place` ON `check_` (`shard`,`position`) WHERE "check_"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `check_host` ON `check_` (`host_id`);--> statement-breakpoint
CREATE INDEX `check_changed` ON `check_` (`changed_version`);--> statement-breakpoint
CREATE TABLE `delivery` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`channel_id` integer NOT NULL,
	`notice_key` text NOT NULL,
	`notice` text NOT NULL,
	`status` text DEFAULT 'owed' NOT NULL,
	`due_at` integer NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`lease_until` integer DEFAULT 0 NOT NULL,
	`lease_token` text DEFAULT '' NOT NULL,
	`sent_at` integer,
	`receipt` text,
	`last_error` text,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `delivery_once` ON `delivery` (`notice_key`,`channel_id`);--> statement-breakpoint
CREATE INDEX `delivery_due` ON `delivery` (`due_at`) WHERE "delivery"."status" = 'owed';--> statement-breakpoint
CREATE TABLE `event` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`at` integer NOT NULL,
	`kind` text NOT NULL,
	`text` text NOT NULL,
	`body` text
);
--> statement-breakpoint
CREATE INDEX `event_at` ON `event` (`at`);--> statement-breakpoint
CREATE TABLE `flip` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`check_id` integer NOT NULL,
	`from_status` text NOT NULL,
	`to_status` text NOT NULL,
	`level` integer,
	`at` integer NOT NULL,
	`since_at` integer NOT NULL,
	`rule` text NOT NULL,
	`code` text NOT NULL,
	`text` text NOT NULL,
	`voices` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `flip_check` ON `flip` (`check_id`,`at`);--> statement-breakpoint
CREATE TABLE `host` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`group_name` text DEFAULT '' NOT NULL,
	`paused` integer DEFAULT false NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `incident` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`check_id` integer NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	`worst` text NOT NULL,
	`code` text NOT NULL,
	`text` text NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `incident_check` ON `incident` (`check_id`,`opened_at`);--> statement-breakpoint
CREATE INDEX `incident_open` ON `incident` (`closed_at`) WHERE "incident"."closed_at" is null;--> statement-breakpoint
CREATE TABLE `join_code` (
	`hash` text PRIMARY KEY NOT NULL,
	`name` text,
	`location_id` integer,
	`uses_left` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`location_id`) REFERENCES `location`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `late` (
	`k` integer PRIMARY KEY NOT NULL,
	`minute` integer NOT NULL,
	`data` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `location` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`enabled` integer DEFAULT true NOT NULL,
	`created_at` integer NOT NULL
);
--> statement-breakpoint
CREATE UNIQUE INDEX `location_name_unique` ON `location` (`name`);--> statement-breakpoint
CREATE TABLE `minute` (
	`k` integer PRIMARY KEY NOT NULL,
	`minute` integer NOT NULL,
	`data` blob NOT NULL
);
--> statement-breakpoint
CREATE TABLE `pulse` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`write_id` text NOT NULL,
	`tick_at` integer NOT NULL,
	`grace_until_at` integer NOT NULL,
	`frozen_at` integer NOT NULL,
	`fleet` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `rule` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`channel_id` integer NOT NULL,
	`match` text NOT NULL,
	`from_status` text NOT NULL,
	`fleet` integer DEFAULT true NOT NULL,
	FOREIGN KEY (`channel_id`) REFERENCES `channel`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `runner` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`location_id` integer,
	`public_key` text NOT NULL,
	`aud` text NOT NULL,
	`status` text NOT NULL,
	`version` text NOT NULL,
	`capabilities` text NOT NULL,
	`config_version` integer DEFAULT 0 NOT NULL,
	`resync_version` integer DEFAULT 0 NOT NULL,
	`asks_until` integer DEFAULT 0 NOT NULL,
	`enrolled_at` integer NOT NULL,
	FOREIGN KEY (`location_id`) REFERENCES `location`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `runner_public_key_unique` ON `runner` (`public_key`);--> statement-breakpoint
CREATE TABLE `session` (
	`hash` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	`via` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE `setting` (
	`key` text PRIMARY KEY NOT NULL,
	`value` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `shard` (
	`id` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`plan` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `shard_state` (
	`shard` integer PRIMARY KEY NOT NULL,
	`version` integer NOT NULL,
	`write_id` text NOT NULL,
	`due_at` integer NOT NULL,
	`body` text NOT NULL
);
--> statement-breakpoint
CREATE TABLE `sign_in_link` (
	`hash` text PRIMARY KEY NOT NULL,
	`expires_at` integer NOT NULL,
	`used_at` integer
);
--> statement-breakpoint
CREATE TABLE `token` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`scope` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `token_hash_unique` ON `token` (`hash`);--> statement-breakpoint
CREATE TABLE `view` (
	`k` integer PRIMARY KEY NOT NULL,
	`posted_at` integer NOT NULL,
	`base_at` integer NOT NULL,
	`live_seq` integer NOT NULL,
	`live_hash` text NOT NULL,
	`late_seq` integer NOT NULL,
	`late_hash` text NOT NULL,
	`boot` text NOT NULL,
	`seq` integer NOT NULL,
	`judged_seq` integer NOT NULL,
	`body` blob NOT NULL
);
