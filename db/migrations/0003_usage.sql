CREATE TABLE `usage` (
	`day` integer PRIMARY KEY NOT NULL,
	`since_at` integer NOT NULL,
	`rows_read` integer NOT NULL,
	`rows_written` integer NOT NULL,
	`requests` integer NOT NULL
);
