-- What was granted within a window is counted, as providers say their limits: what is due at once goes at once, up to the whole of it.
ALTER TABLE "rate_limit" DROP COLUMN "tokens", ADD COLUMN "slots" JSONB NOT NULL DEFAULT '[]';
