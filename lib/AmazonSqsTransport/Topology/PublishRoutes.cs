using Microsoft.Extensions.Configuration;

namespace MassTransit.AmazonSqsTransport;

/// <summary>Reads the routing table of published types from configuration.</summary>
static class PublishRoutes
{
    const string UrnPrefix = "urn:message:";

    /// <summary>The urn of a type's full name: <c>My.Space.Type</c> is <c>urn:message:My.Space:Type</c>.</summary>
    public static string UrnOf(string typeName)
    {
        var dot = typeName.LastIndexOf('.');
        return dot < 0 ? UrnPrefix + typeName : $"{UrnPrefix}{typeName[..dot]}:{typeName[(dot + 1)..]}";
    }

    /// <summary>One name as the value, or a list below the key. An empty list is written as an empty value.</summary>
    public static IEnumerable<string> QueuesOf(IConfigurationSection route) =>
        route.GetChildren().Select(x => x.Value).Prepend(route.Value).Where(x => !string.IsNullOrWhiteSpace(x)).Select(x => x!);
}
