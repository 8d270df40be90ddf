using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Migration.Api.Security;

/// <summary>
/// Reads a bare JSON web key set: the auth service publishes one, and no discovery document beside it. Asked again when it fails: without
/// keys every token would be refused, as if its holder had no right.
/// </summary>
sealed class KeySetRetriever : IConfigurationRetriever<OpenIdConnectConfiguration>
{
    const int Attempts = 4;
    static readonly TimeSpan Wait = TimeSpan.FromMilliseconds(100);

    public async Task<OpenIdConnectConfiguration> GetConfigurationAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        var keys = new JsonWebKeySet(await ReadAsync(address, retriever, cancel));
        var configuration = new OpenIdConnectConfiguration { JsonWebKeySet = keys };
        foreach (var key in keys.GetSigningKeys())
            configuration.SigningKeys.Add(key);
        return configuration;
    }

    static async Task<string> ReadAsync(string address, IDocumentRetriever retriever, CancellationToken cancel)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await retriever.GetDocumentAsync(address, cancel);
            }
            catch (IOException) when (attempt < Attempts) // what the retriever makes of every failure
            {
                await Task.Delay(Wait * attempt, cancel);
            }
        }
    }
}
