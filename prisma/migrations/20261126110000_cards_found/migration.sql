-- The card of a task that has changed is found by its message, not by looking at all that was ever posted.
CREATE INDEX "chat_message_message_id_idx" ON "chat_message" ("message_id");
-- Marked to be shown anew.
CREATE INDEX "chat_message_marked" ON "chat_message" ("message_id") WHERE "shown_seq" < 0;
-- Which tasks have changed lately.
CREATE INDEX "task_event_at_idx" ON "task_event" ("at");
