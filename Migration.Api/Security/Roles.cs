namespace Migration.Api.Security;

/// <summary>Roles of the reference (spec: engine 7), and the policies named after them.</summary>
static class Roles
{
    public const string Migration = "ROLE_PRISONER_FROM_NOMIS__MIGRATION__RW";
    public const string Update = "ROLE_PRISONER_FROM_NOMIS__UPDATE__RW";
    public const string QueueAdmin = "ROLE_SYSCON__QUEUE_ADMIN";

    public static readonly IReadOnlyList<string> All = [Migration, Update, QueueAdmin];
}
