-- A step may ask for the risk of ending late: what that was worked out from at each planning, so that the past can be planned again.
ALTER TABLE "planning" ADD COLUMN "surroundings" JSONB;
