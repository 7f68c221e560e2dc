CREATE TABLE `page_snapshot` (
	`id` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`mark` text NOT NULL,
	`body` text NOT NULL
);
