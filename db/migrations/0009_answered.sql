CREATE TABLE `answered` (
	`check_id` integer PRIMARY KEY NOT NULL,
	`shard` integer NOT NULL,
	`kind` text NOT NULL,
	`rev` integer DEFAULT 0 NOT NULL,
	`level` integer,
	`code` text DEFAULT '' NOT NULL,
	`text` text DEFAULT '' NOT NULL,
	`last_at` integer DEFAULT 0 NOT NULL,
	`due_at` integer DEFAULT 0 NOT NULL,
	`started_at` integer,
	`run_ms` integer,
	`body` text,
	`body_at` integer,
	`token_hash` text,
	`token` text
);
--> statement-breakpoint
CREATE UNIQUE INDEX `answered_token_hash_unique` ON `answered` (`token_hash`);