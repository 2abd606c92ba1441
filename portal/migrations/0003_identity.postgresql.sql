ALTER TABLE "member" ADD COLUMN "frozen_at" TIMESTAMP;

ALTER TABLE "member" ADD COLUMN "closing_at" TIMESTAMP;

ALTER TABLE "member" ADD COLUMN "closed_at" TIMESTAMP;

ALTER TABLE "phone_number" ADD COLUMN "verified_at" TIMESTAMP;

ALTER TABLE "phone_number" ADD COLUMN "door" VARCHAR(40);

ALTER TABLE "sign_in_code" DROP COLUMN "told_at";

CREATE UNIQUE INDEX "phone_number_door" ON "phone_number" ("door");

ALTER TABLE "one_time_link" ADD COLUMN "about" VARCHAR(300) NOT NULL DEFAULT '';

ALTER TABLE "one_time_link" ALTER COLUMN "about" DROP DEFAULT;

ALTER TABLE "session" ADD COLUMN "name" VARCHAR(80) NOT NULL DEFAULT '';

ALTER TABLE "session" ALTER COLUMN "name" DROP DEFAULT;

ALTER TABLE "session" ADD COLUMN "place" VARCHAR(120) NOT NULL DEFAULT '';

ALTER TABLE "session" ALTER COLUMN "place" DROP DEFAULT;

ALTER TABLE "session" ADD COLUMN "browser_hash" VARCHAR(64) NOT NULL DEFAULT '';

ALTER TABLE "session" ALTER COLUMN "browser_hash" DROP DEFAULT;

ALTER TABLE "passkey" ADD COLUMN "made_on" VARCHAR(120) NOT NULL DEFAULT '';

ALTER TABLE "passkey" ALTER COLUMN "made_on" DROP DEFAULT;

ALTER TABLE "profile" ADD COLUMN "company" VARCHAR(120) NOT NULL DEFAULT '';

ALTER TABLE "profile" ALTER COLUMN "company" DROP DEFAULT;

ALTER TABLE "profile" ADD COLUMN "industry" VARCHAR(120) NOT NULL DEFAULT '';

ALTER TABLE "profile" ALTER COLUMN "industry" DROP DEFAULT;

ALTER TABLE "profile" ADD COLUMN "job" VARCHAR(120) NOT NULL DEFAULT '';

ALTER TABLE "profile" ALTER COLUMN "job" DROP DEFAULT;

ALTER TABLE "profile" ADD COLUMN "interests" JSONB NOT NULL DEFAULT '[]';

ALTER TABLE "profile" ALTER COLUMN "interests" DROP DEFAULT;

CREATE INDEX "session_created_at" ON "session" ("created_at");

CREATE INDEX "member_frozen" ON "member" ("frozen_at") WHERE "frozen_at" IS NOT NULL;

CREATE INDEX "member_joined_at" ON "member" ("joined_at");

CREATE INDEX "member_closing" ON "member" ("closing_at") WHERE "closing_at" IS NOT NULL;

CREATE INDEX "email_address_left" ON "email_address" ("member_id") WHERE "source" = 'left';

CREATE INDEX "event_signs" ON "event" ("at") WHERE "kind" IN ('sign_in.code_wrong', 'password.wrong', 'factor.wrong', 'passkey.wrong', 'recovery.wrong_answers', 'passkey.refused', 'account.frozen', 'orders.claim_missed');

CREATE INDEX "refund_at" ON "refund" ("at");

CREATE INDEX "balance_transaction_disputes" ON "balance_transaction" ("at") WHERE "kind" IN ('dispute', 'adjustment');

CREATE TABLE "text_message" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "to" VARCHAR(20) NOT NULL,
  "text" VARCHAR(500) NOT NULL,
  "kind" VARCHAR(60) NOT NULL,
  "sealed" TEXT,
  "member_id" INTEGER,
  "status" VARCHAR(10) NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "expires_at" TIMESTAMP,
  "next_try_at" TIMESTAMP NOT NULL,
  "sent_at" TIMESTAMP,
  "tries" INTEGER NOT NULL,
  "error" VARCHAR(500)
);

CREATE INDEX "text_message_status" ON "text_message" ("status");

CREATE INDEX "text_message_member_id_created_at_id" ON "text_message" ("member_id", "created_at", "id");

CREATE TABLE "pending_sign_in" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "token_hash" VARCHAR(64) NOT NULL,
  "member_id" INTEGER NOT NULL,
  "method" VARCHAR(20) NOT NULL,
  "device" VARCHAR(120) NOT NULL,
  "tries" INTEGER NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "expires_at" TIMESTAMP NOT NULL,
  "used_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "pending_sign_in_token_hash" ON "pending_sign_in" ("token_hash");

CREATE INDEX "pending_sign_in_member_id" ON "pending_sign_in" ("member_id");

CREATE INDEX "pending_sign_in_expires_at" ON "pending_sign_in" ("expires_at");

CREATE TABLE "proof_code" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "browser_hash" VARCHAR(64) NOT NULL,
  "purpose" VARCHAR(20) NOT NULL,
  "channel" VARCHAR(4) NOT NULL,
  "target" VARCHAR(320) NOT NULL,
  "member_id" INTEGER,
  "code_hash" VARCHAR(64) NOT NULL,
  "data" JSONB NOT NULL,
  "mail_id" INTEGER,
  "tries" INTEGER NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "expires_at" TIMESTAMP NOT NULL,
  "used_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "proof_code_browser_hash" ON "proof_code" ("browser_hash");

CREATE INDEX "proof_code_member_id" ON "proof_code" ("member_id");

CREATE INDEX "proof_code_expires_at" ON "proof_code" ("expires_at");

CREATE INDEX "proof_code_purpose_target_created_at"
  ON "proof_code" ("purpose", "target", "created_at");

CREATE TABLE "password" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "hash" VARCHAR(200) NOT NULL,
  "set_at" TIMESTAMP NOT NULL,
  "reminded_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "password_member_id" ON "password" ("member_id");

CREATE TABLE "authenticator" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "sealed" TEXT NOT NULL,
  "label" VARCHAR(80) NOT NULL,
  "last_step" BIGINT NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "confirmed_at" TIMESTAMP,
  "used_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "authenticator_member_id" ON "authenticator" ("member_id");

CREATE TABLE "sent_factor" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "channel" VARCHAR(4) NOT NULL,
  "target" VARCHAR(20) NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "used_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "sent_factor_member_id_channel" ON "sent_factor" ("member_id", "channel");

CREATE TABLE "recovery_code" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "code_hash" VARCHAR(200) NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "used_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "recovery_code_member_id" ON "recovery_code" ("member_id");

CREATE TABLE "security_question" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "question" VARCHAR(200) NOT NULL,
  "answer_hash" VARCHAR(200) NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "security_question_member_id" ON "security_question" ("member_id");

CREATE TABLE "recovery" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "token_hash" VARCHAR(64) NOT NULL,
  "cancel_hash" VARCHAR(64) NOT NULL,
  "state" VARCHAR(10) NOT NULL,
  "proofs" JSONB NOT NULL,
  "address" VARCHAR(320) NOT NULL,
  "asked_at" TIMESTAMP NOT NULL,
  "ready_at" TIMESTAMP,
  "ended_at" TIMESTAMP,
  "ended_how" VARCHAR(40) NOT NULL,
  "started_by_id" INTEGER,
  "approved_by_id" INTEGER,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("started_by_id") REFERENCES "member" ("id") ON DELETE SET NULL,
  FOREIGN KEY ("approved_by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "recovery_member_id" ON "recovery" ("member_id");

CREATE UNIQUE INDEX "recovery_token_hash" ON "recovery" ("token_hash");

CREATE UNIQUE INDEX "recovery_cancel_hash" ON "recovery" ("cancel_hash");

CREATE INDEX "recovery_state" ON "recovery" ("state");

CREATE TABLE "address_change" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "old" VARCHAR(320) NOT NULL,
  "new" VARCHAR(320) NOT NULL,
  "new_hash" VARCHAR(64) NOT NULL,
  "back_hash" VARCHAR(64) NOT NULL,
  "asked_at" TIMESTAMP NOT NULL,
  "proved_at" TIMESTAMP,
  "taken_back_at" TIMESTAMP,
  "expires_at" TIMESTAMP NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE INDEX "address_change_member_id" ON "address_change" ("member_id");

CREATE UNIQUE INDEX "address_change_new_hash" ON "address_change" ("new_hash");

CREATE UNIQUE INDEX "address_change_back_hash" ON "address_change" ("back_hash");

CREATE TABLE "restriction" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "kind" VARCHAR(10) NOT NULL,
  "what" JSONB NOT NULL,
  "text" TEXT NOT NULL,
  "why" TEXT NOT NULL,
  "by_id" INTEGER,
  "at" TIMESTAMP NOT NULL,
  "ends_at" TIMESTAMP,
  "lifted_at" TIMESTAMP,
  "lifted_by_id" INTEGER,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL,
  FOREIGN KEY ("lifted_by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "restriction_member_id" ON "restriction" ("member_id");

CREATE TABLE "provider" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "key" VARCHAR(40) NOT NULL,
  "preset" VARCHAR(20) NOT NULL,
  "name" VARCHAR(80) NOT NULL,
  "issuer" VARCHAR(300) NOT NULL,
  "client_id" VARCHAR(300) NOT NULL,
  "sealed_secret" TEXT NOT NULL,
  "options" JSONB NOT NULL,
  "position" INTEGER NOT NULL,
  "enabled" BOOLEAN NOT NULL,
  "created_at" TIMESTAMP NOT NULL
);

CREATE UNIQUE INDEX "provider_key" ON "provider" ("key");

CREATE TABLE "linked_account" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "provider_id" INTEGER NOT NULL,
  "issuer" VARCHAR(300) NOT NULL,
  "subject" VARCHAR(255) NOT NULL,
  "shown" VARCHAR(320) NOT NULL,
  "linked_at" TIMESTAMP NOT NULL,
  "used_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("provider_id") REFERENCES "provider" ("id") ON DELETE CASCADE
);

CREATE INDEX "linked_account_member_id" ON "linked_account" ("member_id");

CREATE INDEX "linked_account_provider_id" ON "linked_account" ("provider_id");

CREATE UNIQUE INDEX "linked_account_issuer_subject" ON "linked_account" ("issuer", "subject");

CREATE TABLE "provider_flow" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "state_hash" VARCHAR(64) NOT NULL,
  "browser_hash" VARCHAR(64) NOT NULL,
  "provider_id" INTEGER NOT NULL,
  "purpose" VARCHAR(10) NOT NULL,
  "member_id" INTEGER,
  "sealed" TEXT NOT NULL,
  "target" VARCHAR(500) NOT NULL,
  "created_at" TIMESTAMP NOT NULL,
  "expires_at" TIMESTAMP NOT NULL,
  FOREIGN KEY ("provider_id") REFERENCES "provider" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "provider_flow_state_hash" ON "provider_flow" ("state_hash");

CREATE INDEX "provider_flow_provider_id" ON "provider_flow" ("provider_id");

CREATE INDEX "provider_flow_expires_at" ON "provider_flow" ("expires_at");

CREATE TABLE "invitation" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER,
  "address" VARCHAR(320) NOT NULL,
  "token_hash" VARCHAR(64) NOT NULL,
  "by_id" INTEGER,
  "sent_at" TIMESTAMP NOT NULL,
  "expires_at" TIMESTAMP NOT NULL,
  "opened_at" TIMESTAMP,
  "used_at" TIMESTAMP,
  "mail_id" INTEGER,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE,
  FOREIGN KEY ("by_id") REFERENCES "member" ("id") ON DELETE SET NULL
);

CREATE INDEX "invitation_member_id" ON "invitation" ("member_id");

CREATE UNIQUE INDEX "invitation_address" ON "invitation" ("address");

CREATE UNIQUE INDEX "invitation_token_hash" ON "invitation" ("token_hash");

CREATE TABLE "step" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "name" VARCHAR(40) NOT NULL,
  "state" VARCHAR(10) NOT NULL,
  "at" TIMESTAMP NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE CASCADE
);

CREATE UNIQUE INDEX "step_member_id_name" ON "step" ("member_id", "name");

CREATE INDEX "step_name_state" ON "step" ("name", "state");

CREATE TABLE "claim" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "member_id" INTEGER NOT NULL,
  "order_id" INTEGER,
  "from_member_id" INTEGER,
  "number" VARCHAR(60) NOT NULL,
  "proofs" JSONB NOT NULL,
  "at" TIMESTAMP NOT NULL,
  "undone_at" TIMESTAMP,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE RESTRICT,
  FOREIGN KEY ("order_id") REFERENCES "order" ("id") ON DELETE SET NULL
);

CREATE INDEX "claim_member_id" ON "claim" ("member_id");

CREATE INDEX "claim_order_id" ON "claim" ("order_id");

CREATE TABLE "incident" (
  "id" SERIAL NOT NULL PRIMARY KEY,
  "at" TIMESTAMP NOT NULL,
  "kind" VARCHAR(40) NOT NULL,
  "member_id" INTEGER,
  "client" VARCHAR(64) NOT NULL,
  "rule" VARCHAR(200) NOT NULL,
  "data" JSONB NOT NULL,
  FOREIGN KEY ("member_id") REFERENCES "member" ("id") ON DELETE RESTRICT
);

CREATE INDEX "incident_at" ON "incident" ("at");

CREATE INDEX "incident_member_id" ON "incident" ("member_id");

CREATE TRIGGER incident_keeps_words BEFORE UPDATE ON incident
FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TRIGGER incident_keeps_rows BEFORE DELETE ON incident
FOR EACH ROW WHEN (OLD.at > now() AT TIME ZONE 'UTC' - INTERVAL '365 days') EXECUTE FUNCTION refuse_change();
