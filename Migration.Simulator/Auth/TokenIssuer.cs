using System.Buffers.Text;
using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Migration.Simulator.Auth;

/// <summary>A client that may ask for tokens. Its secret is its id.</summary>
public sealed record AuthClient(string Id, params IReadOnlyList<string> Roles);

/// <summary>Issues and knows access tokens: RS256 JWTs with the claims of HMPPS Auth.</summary>
internal sealed class TokenIssuer
{
    private const string KeyId = "estate";

    private static readonly Dictionary<string, AuthClient> Clients = new AuthClient[]
    {
        new("nomis-prisoner-api", NomisRole, NomisSearchRole),
        new("nomis-mapping-api", MappingRole),
        new("visits", VisitsRole),
        new("sentencing", SentencingRole),
        new("finance", FinanceRole),
        new("operator", "ROLE_PRISONER_FROM_NOMIS__MIGRATION__RW", "ROLE_PRISONER_FROM_NOMIS__UPDATE__RW"),
        new("queue-admin", "ROLE_SYSCON__QUEUE_ADMIN"),
        new("nobody", "ROLE_MIGRATE_BANANAS"),
    }.ToDictionary(client => client.Id);

    /// <summary>One for the process: making it takes a third of a second, and tests start an estate each.</summary>
    private static readonly RSA Key = RSA.Create(2048);

    private readonly ConcurrentDictionary<string, Issued> _issued = new();
    private readonly TimeSpan _life;

    public TokenIssuer(TimeSpan life)
    {
        _life = life;
        var key = Key.ExportParameters(includePrivateParameters: false);
        Keys = JsonSerializer.SerializeToUtf8Bytes(new
        {
            keys = new[] { new { kty = "RSA", use = "sig", alg = "RS256", kid = KeyId, n = Base64Url.EncodeToString(key.Modulus), e = Base64Url.EncodeToString(key.Exponent) } },
        });
    }

    public const string NomisRole = "ROLE_NOMIS_PRISONER_API__SYNCHRONISATION__RW";
    public const string NomisSearchRole = "ROLE_NOMIS_PRISONER_API__PRISONER_SEARCH_R";
    public const string MappingRole = "ROLE_NOMIS_MAPPING_API__SYNCHRONISATION__RW";
    public const string VisitsRole = "ROLE_MIGRATE_VISITS";
    public const string SentencingRole = "ROLE_SENTENCE_ADJUSTMENTS_SYNCHRONISATION";
    public const string FinanceRole = "ROLE_PRISONER_FINANCE_SYNC__RW";

    /// <summary>JSON Web Key Set.</summary>
    public byte[] Keys { get; }

    public int LifeSeconds => (int)_life.TotalSeconds;

    /// <summary>Null for a client that there is not, or a wrong secret.</summary>
    public static AuthClient? Authenticate(string authorization)
    {
        if (!authorization.StartsWith("Basic ", StringComparison.OrdinalIgnoreCase))
            return null;
        Span<byte> decoded = stackalloc byte[512];
        if (!Convert.TryFromBase64String(authorization["Basic ".Length..], decoded, out var length))
            return null;
        var parts = Encoding.UTF8.GetString(decoded[..length]).Split(':', 2);
        return parts.Length == 2 && parts[0] == parts[1] ? Clients.GetValueOrDefault(parts[0]) : null;
    }

    public string Issue(string issuer, string clientId, string? userName, IReadOnlyList<string> roles)
    {
        var now = DateTimeOffset.UtcNow;
        var expires = now + _life;
        var claims = new Dictionary<string, object>
        {
            ["iss"] = issuer,
            ["sub"] = userName ?? clientId,
            ["jti"] = Guid.NewGuid().ToString(),
            ["iat"] = now.ToUnixTimeSeconds(),
            ["exp"] = expires.ToUnixTimeSeconds(),
            ["client_id"] = clientId,
            ["auth_source"] = "none",
            ["scope"] = new[] { "read", "write" },
            ["authorities"] = roles,
        };
        if (userName is not null)
            claims["user_name"] = userName;

        var header = Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(new { alg = "RS256", typ = "JWT", kid = KeyId }));
        var signed = $"{header}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims))}";
        byte[] signature;
        lock (Key)
        {
            signature = Key.SignData(Encoding.ASCII.GetBytes(signed), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        var token = $"{signed}.{Base64Url.EncodeToString(signature)}";
        _issued[$"Bearer {token}"] = new Issued(expires, roles);
        return token;
    }

    /// <summary>401 without a token of ours, 403 without the role, else null.</summary>
    public int? RefusalOf(string authorization, string role) =>
        !_issued.TryGetValue(authorization, out var token) || token.Expires <= DateTimeOffset.UtcNow ? 401
        : token.Roles.Contains(role) ? null : 403;

    /// <summary>Forgets all tokens, as a restart of an authorisation server would.</summary>
    public void RevokeAll() => _issued.Clear();

    private sealed record Issued(DateTimeOffset Expires, IReadOnlyList<string> Roles);
}
