using System.Security.Cryptography;
using System.Text;

namespace Migration.Sagas.Syncs;

/// <summary>Ids that are the same each time they are made from the same words, for what has none of its own.</summary>
public static class DerivedId
{
    public static Guid From(string words) => new(SHA256.HashData(Encoding.UTF8.GetBytes(words)).AsSpan(0, 16));
}
