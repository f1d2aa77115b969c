-- A task is found by its secrecy level and by the task that it is a part of.
ALTER TABLE "task" ADD COLUMN "secrecy" TEXT NOT NULL DEFAULT 'none' CHECK ("secrecy" IN ('none', 'confidential', 'secret', 'top_secret'));
ALTER TABLE "task" ADD COLUMN "parent_code" TEXT;
ALTER TABLE "task" ADD COLUMN "parent_mandatory" BOOLEAN NOT NULL DEFAULT false;
ALTER TABLE "task" ADD CONSTRAINT "task_not_its_own_part" CHECK ("parent_code" <> "code");
CREATE INDEX "task_parent" ON "task" ("parent_code") WHERE "parent_code" IS NOT NULL;

-- Which tasks wait for which: a projection of the tasks' states. That no circle arises is checked where it is asked for.
CREATE TABLE "task_dependency" (
    "task_code" TEXT NOT NULL REFERENCES "task" ("code"),
    "depends_on" TEXT NOT NULL REFERENCES "task" ("code"),
    PRIMARY KEY ("task_code", "depends_on"),
    CHECK ("task_code" <> "depends_on")
);
CREATE INDEX "task_dependency_depends_on" ON "task_dependency" ("depends_on");

-- Who stands in for whom, from a local date to a local date of the committee's zone, both included.
CREATE TABLE "absence" (
    "id" UUID PRIMARY KEY,
    "person" TEXT NOT NULL REFERENCES "person" ("email"),
    "substitute" TEXT NOT NULL REFERENCES "person" ("email"),
    "from_date" DATE NOT NULL,
    "to_date" DATE NOT NULL,
    "entered_by" TEXT NOT NULL REFERENCES "person" ("email"),
    "entered_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    CHECK ("person" <> "substitute"),
    CHECK ("from_date" <= "to_date")
);
CREATE INDEX "absence_person" ON "absence" ("person", "to_date");
CREATE INDEX "absence_substitute" ON "absence" ("substitute", "to_date");

-- What a task's plan is made of has changed outside the task: its workflow is asked for a new plan, and asked again until it was.
ALTER TABLE "task" ADD COLUMN "replan_since" TIMESTAMPTZ(3);
CREATE INDEX "task_replan" ON "task" ("replan_since") WHERE "replan_since" IS NOT NULL;

-- Evidence may be a document known by number, date and signer, or a figure.
ALTER TABLE "evidence" DROP CONSTRAINT "evidence_type_check";
ALTER TABLE "evidence" ADD CONSTRAINT "evidence_type_check" CHECK ("type" IN ('text', 'link', 'file', 'document', 'figure'));
