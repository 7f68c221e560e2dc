DROP TABLE `late`;--> statement-breakpoint
DROP TABLE `minute`;