-- A shared channel stands in the directory beside the people: it is told, and never acts nor answers for a task.
ALTER TABLE "person" DROP CONSTRAINT "person_role_check";
ALTER TABLE "person" ADD CONSTRAINT "person_role_check" CHECK ("role" IN ('assignee', 'supervisor', 'head', 'coordinator', 'channel'));
-- Posts go straight to it: it must be one (C, or G where it is private), and no account of somebody's.
ALTER TABLE "person" ADD CONSTRAINT "person_channel_has_id" CHECK ("role" <> 'channel' OR ("slack_id" IS NOT NULL AND "slack_id" ~ '^[CG]'));
