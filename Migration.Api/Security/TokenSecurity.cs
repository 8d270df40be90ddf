using System.Security.Claims;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Migration.Api.Security;

/// <summary>OAuth2 resource server: bearer tokens signed by the auth service, roles in claim <c>authorities</c>.</summary>
static class TokenSecurity
{
    const string RoleClaim = "authorities";

    public static IServiceCollection AddTokenSecurity(this IServiceCollection services, IConfiguration configuration)
    {
        var issuer = configuration["API_BASE_URL_HMPPS_AUTH"] ?? throw new InvalidOperationException("Set API_BASE_URL_HMPPS_AUTH to the auth service, its path /auth included.");
        var audience = configuration["Security:Audience"];
        services.AddAuthentication(JwtBearerDefaults.AuthenticationScheme).AddJwtBearer(options =>
        {
            options.MapInboundClaims = false;
            options.RequireHttpsMetadata = false; // the key set's address is configuration; within the cluster it may be http
            options.ConfigurationManager = new ConfigurationManager<OpenIdConnectConfiguration>(
                issuer.TrimEnd('/') + "/.well-known/jwks.json", new KeySetRetriever(), new HttpDocumentRetriever { RequireHttps = false });
            options.TokenValidationParameters = new TokenValidationParameters
            {
                ValidateIssuer = configuration["Security:Issuer"] is { Length: > 0 },
                ValidIssuer = configuration["Security:Issuer"],
                ValidateAudience = audience is { Length: > 0 },
                ValidAudience = audience,
                ValidAlgorithms = [SecurityAlgorithms.RsaSha256],
                RequireSignedTokens = true,
                RequireExpirationTime = true,
                ClockSkew = TimeSpan.FromSeconds(30),
                RoleClaimType = RoleClaim,
                NameClaimType = "client_id",
            };
        });
        var authorization = services.AddAuthorizationBuilder();
        foreach (var role in Roles.All)
            authorization.AddPolicy(role, x => x.RequireAuthenticatedUser().RequireRole(role));
        // An endpoint that names no role is closed. Where there is none (unknown path, wrong method or content type), who has a token is told so.
        authorization.SetFallbackPolicy(new Microsoft.AspNetCore.Authorization.AuthorizationPolicyBuilder()
            .RequireAuthenticatedUser().RequireAssertion(x => x.Resource is HttpContext http && http.GetEndpoint() is not RouteEndpoint).Build());
        return services;
    }

    /// <summary>Who asks: the user's name, else the client's id.</summary>
    public static string Who(this ClaimsPrincipal user) => user.FindFirstValue("user_name") ?? user.FindFirstValue("client_id") ?? "unknown";
}
