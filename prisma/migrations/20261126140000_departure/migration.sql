-- What a courier has marked ahead of its moment has not left before this row says so: one row is written at the moment, not thousands.
CREATE TABLE "departure" (
  "channel" TEXT NOT NULL,
  "partition" SMALLINT NOT NULL,
  -- The courier's run: one that was thought dead lets nothing leave any more.
  "run" UUID NOT NULL,
  -- Nothing whose attempt is written for this very instant has left; null where everything marked may have.
  "waits_for" TIMESTAMPTZ(3),
  -- Messages of which a command has changed something since they were marked.
  "withdrawn" UUID[] NOT NULL DEFAULT '{}',
  -- A hold has come since.
  "recalled" BOOLEAN NOT NULL DEFAULT false,
  PRIMARY KEY ("channel", "partition")
);
