ALTER TABLE "member" ADD COLUMN "withdrawn_at" TIMESTAMP;

ALTER TABLE "member" ADD COLUMN "merged_into_id" INTEGER REFERENCES "member" ("id") ON DELETE RESTRICT;

CREATE INDEX "member_merged_into_id" ON "member" ("merged_into_id");

ALTER TABLE "member" ADD COLUMN "merges" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "product" ADD COLUMN "external_id" VARCHAR(60);

CREATE INDEX "product_shop_external_id" ON "product" ("shop", "external_id");

ALTER TABLE "batch" ADD COLUMN "state" VARCHAR(10) NOT NULL DEFAULT 'running';

ALTER TABLE "batch" ALTER COLUMN "state" DROP DEFAULT;

UPDATE "batch" SET "state" = 'done' WHERE "finished_at" IS NOT NULL;

ALTER TABLE "batch" ADD COLUMN "map" TEXT NOT NULL DEFAULT '';

ALTER TABLE "batch" ALTER COLUMN "map" DROP DEFAULT;

ALTER TABLE "batch" ADD COLUMN "undo_position" JSONB NOT NULL DEFAULT '{}';

ALTER TABLE "batch" ALTER COLUMN "undo_position" DROP DEFAULT;

ALTER TABLE "batch" ADD COLUMN "undo_tally" JSONB NOT NULL DEFAULT '{}';

ALTER TABLE "batch" ALTER COLUMN "undo_tally" DROP DEFAULT;

ALTER TABLE "batch" ADD COLUMN "undone_by_id" INTEGER REFERENCES "member" ("id") ON DELETE SET NULL;

ALTER TABLE "batch" ADD COLUMN "undone_at" TIMESTAMP;

ALTER TABLE "quarantined_row" ADD COLUMN "head" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "quarantined_row" ALTER COLUMN "head" DROP DEFAULT;

ALTER TABLE "quarantined_row" ADD COLUMN "corrected_at" TIMESTAMP;

ALTER TABLE "quarantined_row" ADD COLUMN "corrected_by_id" INTEGER REFERENCES "member" ("id") ON DELETE SET NULL;

CREATE INDEX "quarantined_row_batch_id_head" ON "quarantined_row" ("batch_id", "head");

ALTER TABLE "raw_row" ADD COLUMN "withdrawn" BOOLEAN NOT NULL DEFAULT FALSE;

ALTER TABLE "raw_row" ALTER COLUMN "withdrawn" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "card_last4" VARCHAR(4) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ALTER COLUMN "card_last4" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "external_id" VARCHAR(60) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ALTER COLUMN "external_id" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "reference" VARCHAR(200) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ALTER COLUMN "reference" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "customer_id" VARCHAR(60) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ALTER COLUMN "customer_id" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "email" VARCHAR(320) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ALTER COLUMN "email" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "description" VARCHAR(300) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ALTER COLUMN "description" DROP DEFAULT;

ALTER TABLE "waiting_transaction" ADD COLUMN "status" VARCHAR(20) NOT NULL DEFAULT 'success';

ALTER TABLE "waiting_transaction" ALTER COLUMN "status" DROP DEFAULT;

CREATE INDEX "waiting_transaction_email" ON "waiting_transaction" ("email");

CREATE INDEX "waiting_transaction_key" ON "waiting_transaction" ("key");

CREATE INDEX "waiting_transaction_shop_external_id"
  ON "waiting_transaction" ("shop", "external_id");

CREATE INDEX "waiting_transaction_shop_reference"
  ON "waiting_transaction" ("shop", "reference");

CREATE INDEX "waiting_transaction_shop_customer_id"
  ON "waiting_transaction" ("shop", "customer_id");

ALTER TABLE "ledger_entry" DROP CONSTRAINT "ledger_entry_order_id_fkey";

ALTER TABLE "payment" ALTER COLUMN "order_id" DROP NOT NULL;

ALTER TABLE "payment" ADD COLUMN "description" VARCHAR(300) NOT NULL DEFAULT '';

ALTER TABLE "payment" ALTER COLUMN "description" DROP DEFAULT;

CREATE INDEX "payment_reference" ON "payment" ("reference");

CREATE UNIQUE INDEX "payment_key_alone" ON "payment" ("key") WHERE "order_id" IS NULL;

CREATE INDEX "payment_key_referred" ON "payment" ("key") WHERE "reference" <> '';

CREATE INDEX "payment_description_alone" ON "payment" ("description") WHERE "order_id" IS NULL;

ALTER TABLE "refund" ALTER COLUMN "order_id" DROP NOT NULL;

ALTER TABLE "refund" ADD COLUMN "description" VARCHAR(300) NOT NULL DEFAULT '';

ALTER TABLE "refund" ALTER COLUMN "description" DROP DEFAULT;

CREATE INDEX "refund_reference" ON "refund" ("reference");

CREATE UNIQUE INDEX "refund_key_alone" ON "refund" ("key") WHERE "order_id" IS NULL;

CREATE INDEX "refund_key_referred" ON "refund" ("key") WHERE "reference" <> '';

CREATE INDEX "refund_description_alone" ON "refund" ("description") WHERE "order_id" IS NULL;

CREATE TABLE "self_check" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "at" TIMESTAMP NOT NULL,
  "seconds" INTEGER NOT NULL,
  "problems" JSONB NOT NULL
);

CREATE INDEX "self_check_at" ON "self_check" ("at");

CREATE TABLE "payout" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "external_id" VARCHAR(60) NOT NULL,
  "amount" BIGINT NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "status" VARCHAR(20) NOT NULL,
  "method" VARCHAR(40) NOT NULL,
  "description" VARCHAR(300) NOT NULL,
  "automatic" BOOLEAN,
  "at" TIMESTAMP NOT NULL,
  "arrives_on" DATE,
  "details" JSONB NOT NULL,
  "batch_id" INTEGER
);

CREATE UNIQUE INDEX "payout_shop_external_id" ON "payout" ("shop", "external_id");

CREATE INDEX "payout_shop_at" ON "payout" ("shop", "at");

CREATE TABLE "balance_transaction" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "external_id" VARCHAR(60) NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "source" VARCHAR(60) NOT NULL,
  "payout" VARCHAR(60) NOT NULL,
  "amount" BIGINT NOT NULL,
  "fee" BIGINT NOT NULL,
  "net" BIGINT NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "status" VARCHAR(20) NOT NULL,
  "description" VARCHAR(300) NOT NULL,
  "at" TIMESTAMP NOT NULL,
  "available_at" TIMESTAMP,
  "details" JSONB NOT NULL,
  "batch_id" INTEGER
);

CREATE UNIQUE INDEX "balance_transaction_shop_external_id"
  ON "balance_transaction" ("shop", "external_id");

CREATE INDEX "balance_transaction_shop_source" ON "balance_transaction" ("shop", "source");

CREATE INDEX "balance_transaction_shop_payout" ON "balance_transaction" ("shop", "payout");

CREATE TABLE "made_rows" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "first" INTEGER NOT NULL,
  "last" INTEGER NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "made_rows_batch_id_table_first" ON "made_rows" ("batch_id", "table", "first");

CREATE INDEX "made_rows_table_last" ON "made_rows" ("table", "last");

CREATE TABLE "earlier_row" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "row" INTEGER NOT NULL,
  "gone" BOOLEAN NOT NULL,
  "data" TEXT NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "earlier_row_batch_id_table_row" ON "earlier_row" ("batch_id", "table", "row");

CREATE INDEX "earlier_row_table_row" ON "earlier_row" ("table", "row");

CREATE TABLE "undone_row" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "row" INTEGER NOT NULL,
  "deed" VARCHAR(10) NOT NULL,
  "data" TEXT NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "undone_row_batch_id_table_row" ON "undone_row" ("batch_id", "table", "row");

CREATE TABLE "saved_map" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "fingerprint" VARCHAR(64) NOT NULL,
  "name" VARCHAR(120) NOT NULL,
  "toml" TEXT NOT NULL,
  "by_id" INTEGER,
  "created_at" TIMESTAMP NOT NULL,
  "used_at" TIMESTAMP NOT NULL,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "saved_map_fingerprint" ON "saved_map" ("fingerprint");

CREATE TABLE "upload" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "token" VARCHAR(43) NOT NULL,
  "by_id" INTEGER,
  "name" VARCHAR(255) NOT NULL,
  "size" BIGINT NOT NULL,
  "received" BIGINT NOT NULL,
  "sha256" VARCHAR(64) NOT NULL,
  "state" VARCHAR(12) NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "map" TEXT NOT NULL,
  "shop" VARCHAR(60) NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "plan" JSONB NOT NULL,
  "error" TEXT NOT NULL,
  "progress" BIGINT NOT NULL,
  "batch_id" INTEGER,
  "created_at" TIMESTAMP NOT NULL,
  "started_at" TIMESTAMP,
  "beat_at" TIMESTAMP,
  "finished_at" TIMESTAMP,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "upload_token" ON "upload" ("token");

CREATE INDEX "upload_state" ON "upload" ("state");

CREATE TABLE "likeness" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "first_id" INTEGER NOT NULL,
  "second_id" INTEGER NOT NULL,
  "score" INTEGER NOT NULL,
  "reasons" JSONB NOT NULL,
  "found_at" TIMESTAMP NOT NULL,
  "dismissed_at" TIMESTAMP,
  "dismissed_by_id" INTEGER,
  FOREIGN KEY ("first_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("second_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("dismissed_by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "likeness_second_id" ON "likeness" ("second_id");

CREATE UNIQUE INDEX "likeness_first_id_second_id" ON "likeness" ("first_id", "second_id");

CREATE INDEX "likeness_dismissed_at_score_id" ON "likeness" ("dismissed_at", "score", "id");

CREATE TABLE "move" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "kind" VARCHAR(10) NOT NULL,
  "source_id" INTEGER NOT NULL,
  "target_id" INTEGER NOT NULL,
  "why" VARCHAR(300) NOT NULL,
  "summary" JSONB NOT NULL,
  "by_id" INTEGER,
  "at" TIMESTAMP NOT NULL,
  "undone_at" TIMESTAMP,
  "undone_by_id" INTEGER,
  FOREIGN KEY ("source_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("target_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL,
  FOREIGN KEY ("undone_by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "move_source_id" ON "move" ("source_id");

CREATE INDEX "move_target_id" ON "move" ("target_id");

CREATE TABLE "moved_row" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "move_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "row" INTEGER NOT NULL,
  "data" JSONB NOT NULL,
  FOREIGN KEY ("move_id") REFERENCES "move" ("id") ON DELETE CASCADE
);

CREATE INDEX "moved_row_move_id_table_row" ON "moved_row" ("move_id", "table", "row");

DROP INDEX "search_term_member_id";

CREATE INDEX "search_term_member_id_term" ON "search_term" ("member_id", "term");
