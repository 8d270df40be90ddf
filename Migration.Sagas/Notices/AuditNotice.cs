namespace Migration.Sagas.Notices;

/// <summary>An audit event that was committed with what it is about (spec: engine 5.4).</summary>
/// <param name="What">MIGRATION_STARTED, COMPENSATION_REQUESTED …</param>
/// <param name="Who">User name of the token, else its client id.</param>
/// <param name="When">When it happened.</param>
/// <param name="Details">JSON text.</param>
public sealed record AuditNotice(string What, string Who, DateTimeOffset When, string Details);
