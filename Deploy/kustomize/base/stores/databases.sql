-- The databases of the services, made when the PostgreSQL of Compose or kustomize starts for the first time.
-- Written by generate.py from services.json.
CREATE DATABASE "accounts";
CREATE DATABASE "albums";
CREATE DATABASE "books";
CREATE DATABASE "hello";
CREATE DATABASE "ledger";
CREATE DATABASE "lunar";
CREATE DATABASE "sns";
CREATE DATABASE "telemetry";
CREATE DATABASE "timeline";
CREATE DATABASE "twitter";
