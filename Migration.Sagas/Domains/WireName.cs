using System.Reflection;
using System.Text.Json.Serialization;

namespace Migration.Sagas.Domains;

/// <summary>An enum value as it goes over the wire: PRISONER_CANCELLED.</summary>
static class WireName
{
    public static string Of<T>(T value) where T : struct, Enum =>
        typeof(T).GetField(value.ToString())?.GetCustomAttribute<JsonStringEnumMemberNameAttribute>()?.Name ?? value.ToString();
}
