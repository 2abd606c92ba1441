ALTER TABLE "member" ADD COLUMN "withdrawn_at" DATETIME;

ALTER TABLE "member" ADD COLUMN "merged_into_id" INTEGER REFERENCES "member" ("id") ON DELETE RESTRICT;

CREATE INDEX "member_merged_into_id" ON "member" ("merged_into_id");

ALTER TABLE "member" ADD COLUMN "merges" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "product" ADD COLUMN "external_id" VARCHAR(60);

CREATE INDEX "product_shop_external_id" ON "product" ("shop", "external_id");

ALTER TABLE "batch" ADD COLUMN "state" VARCHAR(10) NOT NULL DEFAULT 'running';

UPDATE "batch" SET "state" = 'done' WHERE "finished_at" IS NOT NULL;

ALTER TABLE "batch" ADD COLUMN "map" TEXT NOT NULL DEFAULT '';

ALTER TABLE "batch" ADD COLUMN "undo_position" TEXT NOT NULL DEFAULT '{}';

ALTER TABLE "batch" ADD COLUMN "undo_tally" TEXT NOT NULL DEFAULT '{}';

ALTER TABLE "batch" ADD COLUMN "undone_by_id" INTEGER REFERENCES "member" ("id") ON DELETE SET NULL;

ALTER TABLE "batch" ADD COLUMN "undone_at" DATETIME;

ALTER TABLE "quarantined_row" ADD COLUMN "head" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "quarantined_row" ADD COLUMN "corrected_at" DATETIME;

ALTER TABLE "quarantined_row" ADD COLUMN "corrected_by_id" INTEGER REFERENCES "member" ("id") ON DELETE SET NULL;

CREATE INDEX "quarantined_row_batch_id_head" ON "quarantined_row" ("batch_id", "head");

ALTER TABLE "raw_row" ADD COLUMN "withdrawn" INTEGER NOT NULL DEFAULT 0;

ALTER TABLE "waiting_transaction" ADD COLUMN "card_last4" VARCHAR(4) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ADD COLUMN "external_id" VARCHAR(60) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ADD COLUMN "reference" VARCHAR(200) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ADD COLUMN "customer_id" VARCHAR(60) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ADD COLUMN "email" VARCHAR(320) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ADD COLUMN "description" VARCHAR(300) NOT NULL DEFAULT '';

ALTER TABLE "waiting_transaction" ADD COLUMN "status" VARCHAR(20) NOT NULL DEFAULT 'success';

CREATE INDEX "waiting_transaction_email" ON "waiting_transaction" ("email");

CREATE INDEX "waiting_transaction_key" ON "waiting_transaction" ("key");

CREATE INDEX "waiting_transaction_shop_external_id"
  ON "waiting_transaction" ("shop", "external_id");

CREATE INDEX "waiting_transaction_shop_reference"
  ON "waiting_transaction" ("shop", "reference");

CREATE INDEX "waiting_transaction_shop_customer_id"
  ON "waiting_transaction" ("shop", "customer_id");

ALTER TABLE "ledger_entry" RENAME TO "ledger_entry_before";

CREATE TABLE "ledger_entry" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "key" VARCHAR(120) NOT NULL,
  "kind" VARCHAR(20) NOT NULL,
  "available" INTEGER NOT NULL,
  "pending" INTEGER NOT NULL,
  "owed" INTEGER NOT NULL,
  "lot_id" INTEGER,
  "order_id" INTEGER,
  "why" VARCHAR(300) NOT NULL,
  "at" DATETIME NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("lot_id") REFERENCES "points_lot" ("id") ON DELETE RESTRICT
);

INSERT INTO "ledger_entry" (
  "id", "member_id", "key", "kind", "available", "pending", "owed", "lot_id", "order_id", "why", "at"
)
SELECT "id", "member_id", "key", "kind", "available", "pending", "owed", "lot_id", "order_id", "why", "at"
FROM "ledger_entry_before";

DROP TABLE "ledger_entry_before";

CREATE UNIQUE INDEX "ledger_entry_key" ON "ledger_entry" ("key");

CREATE INDEX "ledger_entry_order_id" ON "ledger_entry" ("order_id");

CREATE INDEX "ledger_entry_member_id_at_id" ON "ledger_entry" ("member_id", "at", "id");

ALTER TABLE "payment" RENAME TO "payment_before";

CREATE TABLE "payment" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "key" VARCHAR(120) NOT NULL,
  "at" DATETIME NOT NULL,
  "amount" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "method" VARCHAR(200) NOT NULL,
  "gateway" VARCHAR(60) NOT NULL,
  "card_brand" VARCHAR(40) NOT NULL,
  "card_last4" VARCHAR(4) NOT NULL,
  "status" VARCHAR(20) NOT NULL,
  "summary" INTEGER NOT NULL,
  "reference" VARCHAR(200) NOT NULL,
  "description" VARCHAR(300) NOT NULL,
  "created_at" DATETIME NOT NULL,
  "order_id" INTEGER,
  "member_id" INTEGER,
  "kind" VARCHAR(20) NOT NULL,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

INSERT INTO "payment" (
  "id", "key", "at", "amount", "currency", "method", "gateway", "card_brand", "card_last4", "status", "summary", "reference", "description", "created_at", "order_id", "member_id", "kind"
)
SELECT "id", "key", "at", "amount", "currency", "method", "gateway", "card_brand", "card_last4", "status", "summary", "reference", '', "created_at", "order_id", "member_id", "kind"
FROM "payment_before";

DROP TABLE "payment_before";

CREATE INDEX "payment_reference" ON "payment" ("reference");

CREATE UNIQUE INDEX "payment_order_id_key" ON "payment" ("order_id", "key");

CREATE INDEX "payment_member_id_at_id" ON "payment" ("member_id", "at", "id");

CREATE UNIQUE INDEX "payment_key_alone" ON "payment" ("key") WHERE ("order_id" IS NULL);

CREATE INDEX "payment_key_referred" ON "payment" ("key") WHERE "reference" <> '';

CREATE INDEX "payment_description_alone" ON "payment" ("description") WHERE "order_id" IS NULL;

ALTER TABLE "refund" RENAME TO "refund_before";

CREATE TABLE "refund" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "key" VARCHAR(120) NOT NULL,
  "at" DATETIME NOT NULL,
  "amount" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "method" VARCHAR(200) NOT NULL,
  "gateway" VARCHAR(60) NOT NULL,
  "card_brand" VARCHAR(40) NOT NULL,
  "card_last4" VARCHAR(4) NOT NULL,
  "status" VARCHAR(20) NOT NULL,
  "summary" INTEGER NOT NULL,
  "reference" VARCHAR(200) NOT NULL,
  "description" VARCHAR(300) NOT NULL,
  "created_at" DATETIME NOT NULL,
  "order_id" INTEGER,
  "member_id" INTEGER,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

INSERT INTO "refund" (
  "id", "key", "at", "amount", "currency", "method", "gateway", "card_brand", "card_last4", "status", "summary", "reference", "description", "created_at", "order_id", "member_id"
)
SELECT "id", "key", "at", "amount", "currency", "method", "gateway", "card_brand", "card_last4", "status", "summary", "reference", '', "created_at", "order_id", "member_id"
FROM "refund_before";

DROP TABLE "refund_before";

CREATE INDEX "refund_reference" ON "refund" ("reference");

CREATE UNIQUE INDEX "refund_order_id_key" ON "refund" ("order_id", "key");

CREATE INDEX "refund_member_id_at_id" ON "refund" ("member_id", "at", "id");

CREATE UNIQUE INDEX "refund_key_alone" ON "refund" ("key") WHERE ("order_id" IS NULL);

CREATE INDEX "refund_key_referred" ON "refund" ("key") WHERE "reference" <> '';

CREATE INDEX "refund_description_alone" ON "refund" ("description") WHERE "order_id" IS NULL;

CREATE TRIGGER ledger_entry_keeps_rows BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger_entry: rows are only ever added'); END;

CREATE TRIGGER ledger_entry_keeps_words BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger_entry: rows are only ever added'); END;

CREATE TABLE "self_check" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "at" DATETIME NOT NULL,
  "seconds" INTEGER NOT NULL,
  "problems" TEXT NOT NULL
);

CREATE INDEX "self_check_at" ON "self_check" ("at");

CREATE TABLE "payout" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "external_id" VARCHAR(60) NOT NULL,
  "amount" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "status" VARCHAR(20) NOT NULL,
  "method" VARCHAR(40) NOT NULL,
  "description" VARCHAR(300) NOT NULL,
  "automatic" INTEGER,
  "at" DATETIME NOT NULL,
  "arrives_on" DATE,
  "details" TEXT NOT NULL,
  "batch_id" INTEGER
);

CREATE UNIQUE INDEX "payout_shop_external_id" ON "payout" ("shop", "external_id");

CREATE INDEX "payout_shop_at" ON "payout" ("shop", "at");

CREATE TABLE "balance_transaction" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "external_id" VARCHAR(60) NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "source" VARCHAR(60) NOT NULL,
  "payout" VARCHAR(60) NOT NULL,
  "amount" INTEGER NOT NULL,
  "fee" INTEGER NOT NULL,
  "net" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "status" VARCHAR(20) NOT NULL,
  "description" VARCHAR(300) NOT NULL,
  "at" DATETIME NOT NULL,
  "available_at" DATETIME,
  "details" TEXT NOT NULL,
  "batch_id" INTEGER
);

CREATE UNIQUE INDEX "balance_transaction_shop_external_id"
  ON "balance_transaction" ("shop", "external_id");

CREATE INDEX "balance_transaction_shop_source" ON "balance_transaction" ("shop", "source");

CREATE INDEX "balance_transaction_shop_payout" ON "balance_transaction" ("shop", "payout");

CREATE TABLE "made_rows" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "first" INTEGER NOT NULL,
  "last" INTEGER NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "made_rows_batch_id_table_first" ON "made_rows" ("batch_id", "table", "first");

CREATE INDEX "made_rows_table_last" ON "made_rows" ("table", "last");

CREATE TABLE "earlier_row" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "row" INTEGER NOT NULL,
  "gone" INTEGER NOT NULL,
  "data" TEXT NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "earlier_row_batch_id_table_row" ON "earlier_row" ("batch_id", "table", "row");

CREATE INDEX "earlier_row_table_row" ON "earlier_row" ("table", "row");

CREATE TABLE "undone_row" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "row" INTEGER NOT NULL,
  "deed" VARCHAR(10) NOT NULL,
  "data" TEXT NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "undone_row_batch_id_table_row" ON "undone_row" ("batch_id", "table", "row");

CREATE TABLE "saved_map" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "fingerprint" VARCHAR(64) NOT NULL,
  "name" VARCHAR(120) NOT NULL,
  "toml" TEXT NOT NULL,
  "by_id" INTEGER,
  "created_at" DATETIME NOT NULL,
  "used_at" DATETIME NOT NULL,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "saved_map_fingerprint" ON "saved_map" ("fingerprint");

CREATE TABLE "upload" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "token" VARCHAR(43) NOT NULL,
  "by_id" INTEGER,
  "name" VARCHAR(255) NOT NULL,
  "size" INTEGER NOT NULL,
  "received" INTEGER NOT NULL,
  "sha256" VARCHAR(64) NOT NULL,
  "state" VARCHAR(12) NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "map" TEXT NOT NULL,
  "shop" VARCHAR(60) NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "plan" TEXT NOT NULL,
  "error" TEXT NOT NULL,
  "progress" INTEGER NOT NULL,
  "batch_id" INTEGER,
  "created_at" DATETIME NOT NULL,
  "started_at" DATETIME,
  "beat_at" DATETIME,
  "finished_at" DATETIME,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "upload_token" ON "upload" ("token");

CREATE INDEX "upload_state" ON "upload" ("state");

CREATE TABLE "likeness" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "first_id" INTEGER NOT NULL,
  "second_id" INTEGER NOT NULL,
  "score" INTEGER NOT NULL,
  "reasons" TEXT NOT NULL,
  "found_at" DATETIME NOT NULL,
  "dismissed_at" DATETIME,
  "dismissed_by_id" INTEGER,
  FOREIGN KEY ("first_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("second_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("dismissed_by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "likeness_second_id" ON "likeness" ("second_id");

CREATE UNIQUE INDEX "likeness_first_id_second_id" ON "likeness" ("first_id", "second_id");

CREATE INDEX "likeness_dismissed_at_score_id" ON "likeness" ("dismissed_at", "score", "id");

CREATE TABLE "move" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "kind" VARCHAR(10) NOT NULL,
  "source_id" INTEGER NOT NULL,
  "target_id" INTEGER NOT NULL,
  "why" VARCHAR(300) NOT NULL,
  "summary" TEXT NOT NULL,
  "by_id" INTEGER,
  "at" DATETIME NOT NULL,
  "undone_at" DATETIME,
  "undone_by_id" INTEGER,
  FOREIGN KEY ("source_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("target_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL,
  FOREIGN KEY ("undone_by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "move_source_id" ON "move" ("source_id");

CREATE INDEX "move_target_id" ON "move" ("target_id");

CREATE TABLE "moved_row" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "move_id" INTEGER NOT NULL,
  "table" VARCHAR(40) NOT NULL,
  "row" INTEGER NOT NULL,
  "data" TEXT NOT NULL,
  FOREIGN KEY ("move_id") REFERENCES "move" ("id") ON DELETE CASCADE
);

CREATE INDEX "moved_row_move_id_table_row" ON "moved_row" ("move_id", "table", "row");

DROP INDEX "search_term_member_id";

CREATE INDEX "search_term_member_id_term" ON "search_term" ("member_id", "term");
