CREATE TABLE "member" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "number" VARCHAR(12) NOT NULL,
  "name" VARCHAR(200) NOT NULL,
  "username" VARCHAR(40) NOT NULL,
  "role" VARCHAR(10),
  "source" VARCHAR(10) NOT NULL,
  "version" INTEGER NOT NULL,
  "user_handle" BLOB,
  "created_at" DATETIME NOT NULL,
  "joined_at" DATETIME,
  "visit_at" DATETIME,
  "last_visit_at" DATETIME,
  "nudge_after" DATETIME
);

CREATE UNIQUE INDEX "member_number" ON "member" ("number");

CREATE UNIQUE INDEX "member_username" ON "member" ("username");

CREATE INDEX "member_role" ON "member" ("role");

CREATE TABLE "batch" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "file" VARCHAR(255) NOT NULL,
  "sha256" VARCHAR(64) NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "shop" VARCHAR(60) NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "header" TEXT NOT NULL,
  "size" INTEGER NOT NULL,
  "position" INTEGER NOT NULL,
  "tally" TEXT NOT NULL,
  "by_id" INTEGER,
  "started_at" DATETIME NOT NULL,
  "finished_at" DATETIME,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "batch_sha256_kind_shop" ON "batch" ("sha256", "kind", "shop");

CREATE TABLE "challenge" (
  "token_hash" VARCHAR(64) NOT NULL PRIMARY KEY,
  "challenge" BLOB NOT NULL,
  "purpose" VARCHAR(20) NOT NULL,
  "member_id" INTEGER,
  "expires_at" DATETIME NOT NULL
);

CREATE INDEX "challenge_expires_at" ON "challenge" ("expires_at");

CREATE TABLE "counter" (
  "queue" VARCHAR(255) NOT NULL,
  "key" VARCHAR(255) NOT NULL,
  "value" INTEGER NOT NULL,
  PRIMARY KEY ("queue", "key")
);

CREATE TABLE "customer_id" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "shop" VARCHAR(60) NOT NULL,
  "external_id" VARCHAR(60) NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "customer_id_member_id" ON "customer_id" ("member_id");

CREATE UNIQUE INDEX "customer_id_shop_external_id" ON "customer_id" ("shop", "external_id");

CREATE TABLE "email_address" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "address" VARCHAR(320) NOT NULL,
  "folded" VARCHAR(320) NOT NULL,
  "source" VARCHAR(10) NOT NULL,
  "verified_at" DATETIME,
  "created_at" DATETIME NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "email_address_member_id" ON "email_address" ("member_id");

CREATE UNIQUE INDEX "email_address_folded" ON "email_address" ("folded");

CREATE TABLE "event" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "at" DATETIME NOT NULL,
  "actor_id" INTEGER,
  "subject" VARCHAR(120) NOT NULL,
  "data" TEXT NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("actor_id") REFERENCES "member" ("id") ON DELETE RESTRICT
);

CREATE INDEX "event_member_id_at_id" ON "event" ("member_id", "at", "id");

CREATE TABLE "order" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "number" VARCHAR(60) NOT NULL,
  "external_id" VARCHAR(60),
  "member_id" INTEGER,
  "email" VARCHAR(320) NOT NULL,
  "phone" VARCHAR(60) NOT NULL,
  "placed_at" DATETIME NOT NULL,
  "placed_offset" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "items" INTEGER NOT NULL,
  "discount" INTEGER NOT NULL,
  "shipping" INTEGER NOT NULL,
  "tax" INTEGER NOT NULL,
  "not_itemised" INTEGER NOT NULL,
  "total" INTEGER NOT NULL,
  "refunded" INTEGER NOT NULL,
  "outstanding" INTEGER NOT NULL,
  "pay_status" VARCHAR(24) NOT NULL,
  "ship_status" VARCHAR(24) NOT NULL,
  "paid_at" DATETIME,
  "fulfilled_at" DATETIME,
  "cancelled_at" DATETIME,
  "summary" VARCHAR(300) NOT NULL,
  "line_count" INTEGER NOT NULL,
  "discount_code" VARCHAR(200) NOT NULL,
  "shipping_method" VARCHAR(200) NOT NULL,
  "pay_method" VARCHAR(200) NOT NULL,
  "billing" TEXT NOT NULL,
  "delivery" TEXT NOT NULL,
  "note" TEXT NOT NULL,
  "tags" VARCHAR(500) NOT NULL,
  "state_at" DATETIME NOT NULL,
  "content_hash" VARCHAR(64) NOT NULL,
  "batch_id" INTEGER,
  "created_at" DATETIME NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "order_shop_number" ON "order" ("shop", "number");

CREATE UNIQUE INDEX "order_shop_external_id" ON "order" ("shop", "external_id");

CREATE INDEX "order_member_id_placed_at_id" ON "order" ("member_id", "placed_at", "id");

CREATE INDEX "order_number" ON "order" ("number");

CREATE INDEX "order_member_id_fulfilled_at_id"
  ON "order" ("member_id", "fulfilled_at", "id") WHERE ("fulfilled_at" IS NOT NULL);

CREATE INDEX "order_member_id_cancelled_at_id"
  ON "order" ("member_id", "cancelled_at", "id") WHERE ("cancelled_at" IS NOT NULL);

CREATE TABLE "fulfilment" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "order_id" INTEGER NOT NULL,
  "tracking_number" VARCHAR(80) NOT NULL,
  "carrier" VARCHAR(60) NOT NULL,
  "source" VARCHAR(10) NOT NULL,
  "shipped_at" DATETIME,
  "created_at" DATETIME NOT NULL,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "fulfilment_order_id_tracking_number"
  ON "fulfilment" ("order_id", "tracking_number");

CREATE TABLE "job_slot" (
  "job" VARCHAR(80) NOT NULL,
  "slot" VARCHAR(16) NOT NULL,
  PRIMARY KEY ("job", "slot")
);

CREATE TABLE "kv" (
  "queue" VARCHAR(255) NOT NULL,
  "key" VARCHAR(255) NOT NULL,
  "value" BLOB NOT NULL,
  PRIMARY KEY ("queue", "key")
);

CREATE TABLE "points_lot" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "order_id" INTEGER,
  "points" INTEGER NOT NULL,
  "remaining" INTEGER NOT NULL CHECK (remaining >= 0),
  "rate" INTEGER NOT NULL,
  "earned_at" DATETIME NOT NULL,
  "available_at" DATETIME NOT NULL,
  "matured_at" DATETIME,
  "changes" INTEGER NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "points_lot_order_id_member_id" ON "points_lot" ("order_id", "member_id");

CREATE INDEX "points_lot_member_id_earned_at_id" ON "points_lot" ("member_id", "earned_at", "id");

CREATE INDEX "points_lot_matured_at_available_at" ON "points_lot" ("matured_at", "available_at");

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
  FOREIGN KEY ("lot_id") REFERENCES "points_lot" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "ledger_entry_key" ON "ledger_entry" ("key");

CREATE INDEX "ledger_entry_order_id" ON "ledger_entry" ("order_id");

CREATE INDEX "ledger_entry_member_id_at_id" ON "ledger_entry" ("member_id", "at", "id");

CREATE TABLE "logo" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "digest" VARCHAR(40) NOT NULL,
  "webp" BLOB NOT NULL,
  "created_at" DATETIME NOT NULL
);

CREATE UNIQUE INDEX "logo_digest" ON "logo" ("digest");

CREATE TABLE "look" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "agent_id" INTEGER NOT NULL,
  "member_id" INTEGER NOT NULL,
  "what" VARCHAR(120) NOT NULL,
  "at" DATETIME NOT NULL,
  FOREIGN KEY ("agent_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "look_member_id" ON "look" ("member_id");

CREATE UNIQUE INDEX "look_agent_id_member_id_what" ON "look" ("agent_id", "member_id", "what");

CREATE INDEX "look_agent_id_at" ON "look" ("agent_id", "at");

CREATE TABLE "mail" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "to" VARCHAR(320) NOT NULL,
  "subject" VARCHAR(300) NOT NULL,
  "text" TEXT NOT NULL,
  "html" TEXT NOT NULL,
  "kind" VARCHAR(60) NOT NULL,
  "why" VARCHAR(500) NOT NULL,
  "sealed" TEXT,
  "member_id" INTEGER,
  "status" VARCHAR(10) NOT NULL,
  "created_at" DATETIME NOT NULL,
  "expires_at" DATETIME,
  "next_try_at" DATETIME NOT NULL,
  "sent_at" DATETIME,
  "tries" INTEGER NOT NULL,
  "error" VARCHAR(500)
);

CREATE INDEX "mail_status" ON "mail" ("status");

CREATE INDEX "mail_member_id_created_at_id" ON "mail" ("member_id", "created_at", "id");

CREATE TABLE "note" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "author_id" INTEGER NOT NULL,
  "body" TEXT NOT NULL,
  "created_at" DATETIME NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("author_id") REFERENCES "member" ("id") ON DELETE RESTRICT
);

CREATE INDEX "note_member_id" ON "note" ("member_id");

CREATE INDEX "note_author_id" ON "note" ("author_id");

CREATE TABLE "one_time_link" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "token_hash" VARCHAR(64) NOT NULL,
  "purpose" VARCHAR(20) NOT NULL,
  "member_id" INTEGER,
  "created_at" DATETIME NOT NULL,
  "expires_at" DATETIME NOT NULL,
  "used_at" DATETIME,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "one_time_link_token_hash" ON "one_time_link" ("token_hash");

CREATE INDEX "one_time_link_member_id" ON "one_time_link" ("member_id");

CREATE INDEX "one_time_link_expires_at" ON "one_time_link" ("expires_at");

CREATE TABLE "product" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "sku" VARCHAR(200) NOT NULL,
  "title" VARCHAR(400) NOT NULL,
  "vendor" VARCHAR(200) NOT NULL,
  "price" INTEGER,
  "currency" VARCHAR(3),
  "seen_at" DATETIME NOT NULL
);

CREATE UNIQUE INDEX "product_shop_sku" ON "product" ("shop", "sku");

CREATE TABLE "order_line" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "order_id" INTEGER NOT NULL,
  "position" INTEGER NOT NULL,
  "product_id" INTEGER,
  "sku" VARCHAR(200) NOT NULL,
  "title" VARCHAR(400) NOT NULL,
  "vendor" VARCHAR(200) NOT NULL,
  "quantity" INTEGER NOT NULL,
  "unit_price" INTEGER NOT NULL,
  "discount" INTEGER NOT NULL,
  "total" INTEGER NOT NULL,
  "ship_status" VARCHAR(24) NOT NULL,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("product_id") REFERENCES "product" ("id") ON DELETE SET NULL
);

CREATE INDEX "order_line_product_id" ON "order_line" ("product_id");

CREATE UNIQUE INDEX "order_line_order_id_position" ON "order_line" ("order_id", "position");

CREATE TABLE "passkey" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "credential_id" VARCHAR(1400) NOT NULL,
  "public_key" BLOB NOT NULL,
  "sign_count" INTEGER NOT NULL,
  "transports" TEXT NOT NULL,
  "aaguid" VARCHAR(36) NOT NULL,
  "synced" INTEGER NOT NULL,
  "can_sync" INTEGER NOT NULL,
  "label" VARCHAR(80) NOT NULL,
  "created_at" DATETIME NOT NULL,
  "used_at" DATETIME,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "passkey_member_id" ON "passkey" ("member_id");

CREATE UNIQUE INDEX "passkey_credential_id" ON "passkey" ("credential_id");

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
  "created_at" DATETIME NOT NULL,
  "order_id" INTEGER NOT NULL,
  "member_id" INTEGER,
  "kind" VARCHAR(20) NOT NULL,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "payment_order_id_key" ON "payment" ("order_id", "key");

CREATE INDEX "payment_member_id_at_id" ON "payment" ("member_id", "at", "id");

CREATE TABLE "phone_number" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "number" VARCHAR(40) NOT NULL,
  "folded" VARCHAR(40) NOT NULL,
  "created_at" DATETIME NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "phone_number_member_id" ON "phone_number" ("member_id");

CREATE INDEX "phone_number_folded" ON "phone_number" ("folded");

CREATE TABLE "picture" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "digest" VARCHAR(40) NOT NULL,
  "webp" BLOB NOT NULL,
  "created_at" DATETIME NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "picture_member_id" ON "picture" ("member_id");

CREATE TABLE "points_account" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "balance" INTEGER NOT NULL CHECK (balance >= 0),
  "pending" INTEGER NOT NULL CHECK (pending >= 0),
  "owed" INTEGER NOT NULL CHECK (owed >= 0),
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "points_account_member_id" ON "points_account" ("member_id");

CREATE TABLE "profile" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "bio" TEXT NOT NULL,
  "location" VARCHAR(120) NOT NULL,
  "links" TEXT NOT NULL,
  "visibility" TEXT NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "profile_member_id" ON "profile" ("member_id");

CREATE TABLE "quarantined_row" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "line" INTEGER NOT NULL,
  "key" VARCHAR(60) NOT NULL,
  "reason" TEXT NOT NULL,
  "cells" TEXT NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "quarantined_row_batch_id_line" ON "quarantined_row" ("batch_id", "line");

CREATE TABLE "raw_row" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "batch_id" INTEGER NOT NULL,
  "shop" VARCHAR(60) NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "key" VARCHAR(320) NOT NULL,
  "digest" VARCHAR(64) NOT NULL,
  "line" INTEGER NOT NULL,
  "rows" TEXT NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE INDEX "raw_row_key_kind_shop" ON "raw_row" ("key", "kind", "shop");

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
  "created_at" DATETIME NOT NULL,
  "order_id" INTEGER NOT NULL,
  "member_id" INTEGER,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE UNIQUE INDEX "refund_order_id_key" ON "refund" ("order_id", "key");

CREATE INDEX "refund_member_id_at_id" ON "refund" ("member_id", "at", "id");

CREATE TABLE "schedule" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "queue" VARCHAR(255) NOT NULL,
  "data" BLOB NOT NULL,
  "timestamp" INTEGER NOT NULL
);

CREATE INDEX "schedule_queue_timestamp" ON "schedule" ("queue", "timestamp");

CREATE TABLE "search_term" (
  "term" VARCHAR(48) NOT NULL,
  "member_id" INTEGER NOT NULL,
  PRIMARY KEY ("term", "member_id"),
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "search_term_member_id" ON "search_term" ("member_id");

CREATE TABLE "session" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "token_hash" VARCHAR(64) NOT NULL,
  "device" VARCHAR(120) NOT NULL,
  "method" VARCHAR(10) NOT NULL,
  "passkey_id" INTEGER,
  "created_at" DATETIME NOT NULL,
  "seen_at" DATETIME NOT NULL,
  "proved_at" DATETIME NOT NULL,
  "ended_at" DATETIME,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "session_member_id" ON "session" ("member_id");

CREATE UNIQUE INDEX "session_token_hash" ON "session" ("token_hash");

CREATE INDEX "session_passkey_id" ON "session" ("passkey_id");

CREATE TABLE "setting" (
  "key" VARCHAR(40) NOT NULL PRIMARY KEY,
  "value" TEXT NOT NULL
);

CREATE TABLE "sign_in_code" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "browser_hash" VARCHAR(64) NOT NULL,
  "folded" VARCHAR(320) NOT NULL,
  "member_id" INTEGER,
  "code_hash" VARCHAR(64) NOT NULL,
  "tries" INTEGER NOT NULL,
  "created_at" DATETIME NOT NULL,
  "expires_at" DATETIME NOT NULL,
  "used_at" DATETIME,
  "told_at" DATETIME,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "sign_in_code_browser_hash" ON "sign_in_code" ("browser_hash");

CREATE INDEX "sign_in_code_folded" ON "sign_in_code" ("folded");

CREATE INDEX "sign_in_code_member_id" ON "sign_in_code" ("member_id");

CREATE INDEX "sign_in_code_expires_at" ON "sign_in_code" ("expires_at");

CREATE TABLE "task" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "queue" VARCHAR(255) NOT NULL,
  "data" BLOB NOT NULL,
  "priority" REAL NOT NULL
);

CREATE INDEX "task_priority_id" ON "task" ("priority" DESC, "id");

CREATE TABLE "throttle" (
  "key" VARCHAR(64) NOT NULL,
  "window" INTEGER NOT NULL,
  "count" INTEGER NOT NULL,
  PRIMARY KEY ("key", "window")
);

CREATE INDEX "throttle_window" ON "throttle" ("window");

CREATE TABLE "voucher" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "code" VARCHAR(24) NOT NULL,
  "points" INTEGER NOT NULL,
  "worth" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "key" VARCHAR(64) NOT NULL,
  "created_at" DATETIME NOT NULL,
  "used_at" DATETIME,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE RESTRICT
);

CREATE UNIQUE INDEX "voucher_code" ON "voucher" ("code");

CREATE UNIQUE INDEX "voucher_member_id_key" ON "voucher" ("member_id", "key");

CREATE TABLE "waiting_transaction" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "shop" VARCHAR(60) NOT NULL,
  "number" VARCHAR(60) NOT NULL,
  "key" VARCHAR(120) NOT NULL,
  "kind" VARCHAR(20) NOT NULL,
  "at" DATETIME NOT NULL,
  "amount" INTEGER NOT NULL,
  "currency" VARCHAR(3) NOT NULL,
  "method" VARCHAR(200) NOT NULL,
  "gateway" VARCHAR(60) NOT NULL,
  "card_brand" VARCHAR(40) NOT NULL,
  "batch_id" INTEGER NOT NULL,
  FOREIGN KEY ("batch_id") REFERENCES "batch" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "waiting_transaction_shop_number_key"
  ON "waiting_transaction" ("shop", "number", "key");

CREATE TABLE "wishlist_item" (
  "id" INTEGER NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "product_id" INTEGER,
  "shop" VARCHAR(60) NOT NULL,
  "sku" VARCHAR(200) NOT NULL,
  "title" VARCHAR(400) NOT NULL,
  "price" INTEGER,
  "currency" VARCHAR(3),
  "note" VARCHAR(300) NOT NULL,
  "position" INTEGER NOT NULL,
  "created_at" DATETIME NOT NULL,
  "removed_at" DATETIME,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("product_id") REFERENCES "product" ("id") ON DELETE SET NULL
);

CREATE INDEX "wishlist_item_product_id" ON "wishlist_item" ("product_id");

CREATE UNIQUE INDEX "wishlist_item_member_id_shop_sku"
  ON "wishlist_item" ("member_id", "shop", "sku");

CREATE INDEX "wishlist_item_member_id_position_id"
  ON "wishlist_item" ("member_id", "position", "id");

CREATE TRIGGER event_keeps_rows BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'event: rows are only ever added'); END;

CREATE TRIGGER event_keeps_words BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'event: rows are only ever added'); END;

CREATE TRIGGER ledger_entry_keeps_rows BEFORE DELETE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger_entry: rows are only ever added'); END;

CREATE TRIGGER ledger_entry_keeps_words BEFORE UPDATE ON ledger_entry
BEGIN SELECT RAISE(ABORT, 'ledger_entry: rows are only ever added'); END;
