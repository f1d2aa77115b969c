-- The texts that a policy extends, as they were when it was stored: the farthest first, each {file, text}.
ALTER TABLE "policy" ADD COLUMN "parents" JSONB NOT NULL DEFAULT '[]';
