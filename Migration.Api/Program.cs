using Migration.Api;
using Migration.Api.Domains.FinanceTransactions;
using Migration.Api.Domains.SentencingAdjustments;
using Migration.Api.Domains.Visits;
using Migration.Api.Errors;
using Migration.Api.Health;
using Migration.Api.Messaging;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Api.Syncs;
using Migration.Api.Telemetry;
using Migration.Clients;
using Migration.Sagas.Domains.FinanceTransactions;
using Migration.Sagas.Domains.SentencingAdjustments;
using Migration.Sagas.Domains.Visits;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;
using Migration.Sagas.Syncs;

// The migration service: REST for operators, sagas and steps over SQS, state in Postgres.
var builder = WebApplication.CreateBuilder(args);
var connectionString = DatabaseConnection.From(builder.Configuration);

builder.Services.AddMigrationClients(builder.Configuration);
builder.Services.AddRunEngine(builder.Configuration, connectionString);
builder.Services.AddSyncEngine(builder.Configuration);
builder.Services.AddVisits();
builder.Services.AddSentencingAdjustments();
builder.Services.AddFinanceTransactions(builder.Configuration);
builder.Services.AddMessaging(builder.Configuration);
builder.Services.AddTokenSecurity(builder.Configuration);
builder.Services.AddErrorBodies();
builder.Services.AddServiceHealth(builder.Configuration, connectionString);
builder.AddServiceTelemetry();
builder.Services.AddApiDocument();

var app = builder.Build();
app.UseErrorBodies();
app.UseAuthentication();
app.UseAuthorization();
app.MapRuns();
app.MapSyncs();
app.MapCompensations();
app.MapVisits();
app.MapSentencingAdjustments();
app.MapFinanceTransactions();
app.MapServiceHealth();
app.MapApiDocument();

await DatabaseMigrator.MigrateAsync(app.Services);
await app.RunAsync();

/// <summary>Named for tests that host the service in their own process.</summary>
public partial class Program;
