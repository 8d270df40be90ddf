-- What a step has created, as it reports it: for the case that its saga does not hear of it in time.
alter table migration.syncs add column step_report text;
