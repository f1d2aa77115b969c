-- Since when a task lacks evidence that is owed: a projection of its state by `evidenceMissingSince` of `domain/completion.ts`, so that
-- a list and a figure need not look into every state.
ALTER TABLE "task" ADD COLUMN "evidence_missing_since" TIMESTAMPTZ(3);
CREATE INDEX "task_evidence_missing" ON "task" ("evidence_missing_since") WHERE "evidence_missing_since" IS NOT NULL;

-- What is stored already, once; from then on the domain writes it with every row.
UPDATE "task" t SET "evidence_missing_since" = (
  SELECT min(CASE WHEN t."status" IN ('reported', 'completed') THEN least(owed."due", t."state" ->> 'reportedAt') ELSE owed."due" END)::timestamptz
  FROM (
    SELECT p, coalesce(p #>> '{due,deadlineAt}', t."state" ->> 'deadlineAt') AS "due", count(*) OVER () AS "products"
    FROM jsonb_array_elements(t."state" -> 'products') p
    WHERE jsonb_typeof(p -> 'waived') IS DISTINCT FROM 'object'
  ) owed
  WHERE NOT EXISTS (
    SELECT FROM jsonb_array_elements(
      coalesce(t."state" -> 'attached', '[]') || CASE WHEN t."status" IN ('reported', 'completed') THEN t."state" -> 'evidence' ELSE '[]' END
    ) e
    WHERE coalesce(e ->> 'product' = owed.p ->> 'id', owed."products" = 1)
      AND CASE owed.p ->> 'kind'
        WHEN 'legal_document' THEN e ->> 'type' = 'document' AND e ->> 'kind' = 'legal_document'
        WHEN 'report' THEN e ->> 'type' IN ('file', 'link') OR (e ->> 'type' = 'document' AND e ->> 'kind' = 'report')
        WHEN 'plan' THEN e ->> 'type' IN ('file', 'link') OR (e ->> 'type' = 'document' AND e ->> 'kind' = 'plan')
        WHEN 'system' THEN e ->> 'type' = 'link'
        WHEN 'figure' THEN e ->> 'type' = 'figure'
        ELSE NOT (e ->> 'type' = 'document' AND e ->> 'kind' IN ('plan', 'letter'))
      END
  )
)
WHERE t."status" <> 'cancelled' AND jsonb_typeof(t."state" -> 'products') = 'array';
