using Migration.Api;
using Migration.Api.Domains.Visits;
using Migration.Api.Errors;
using Migration.Api.Health;
using Migration.Api.Messaging;
using Migration.Api.Runs;
using Migration.Api.Security;
using Migration.Api.Telemetry;
using Migration.Clients;
using Migration.Sagas.Domains.Visits;
using Migration.Sagas.Persistence;
using Migration.Sagas.Runs;

// The migration service: REST for operators, sagas and steps over SQS, state in Postgres.
var builder = WebApplication.CreateBuilder(args);
var connectionString = DatabaseConnection.From(builder.Configuration);

builder.Services.AddMigrationClients(builder.Configuration);
builder.Services.AddRunEngine(builder.Configuration, connectionString);
builder.Services.AddVisits();
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
app.MapVisits();
app.MapServiceHealth();
app.MapApiDocument();

await DatabaseMigrator.MigrateAsync(app.Services);
await app.RunAsync();

/// <summary>Named for tests that host the service in their own process.</summary>
public partial class Program;
