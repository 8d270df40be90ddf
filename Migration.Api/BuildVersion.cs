using System.Reflection;

namespace Migration.Api;

static class BuildVersion
{
    /// <summary>The version that this assembly was built as, with its commit where the build knew it.</summary>
    public static readonly string Current =
        typeof(BuildVersion).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";
}
