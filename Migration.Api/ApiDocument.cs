using Microsoft.OpenApi;
using Scalar.AspNetCore;

namespace Migration.Api;

/// <summary>The OpenAPI document, at the reference's paths, and a page to browse it.</summary>
static class ApiDocument
{
    public static IServiceCollection AddApiDocument(this IServiceCollection services) => services.AddOpenApi("api-docs", options =>
        options.AddDocumentTransformer((document, _, _) =>
        {
            document.Info = new OpenApiInfo
            {
                Title = "Prisoner from NOMIS migration",
                Version = BuildVersion.Current,
                Description = "Moves records from NOMIS to DPS. Migrations are started, watched, cancelled and resumed here.",
            };
            document.Components ??= new OpenApiComponents();
            document.Components.SecuritySchemes ??= new Dictionary<string, IOpenApiSecurityScheme>();
            document.Components.SecuritySchemes["bearer-jwt"] = new OpenApiSecurityScheme { Type = SecuritySchemeType.Http, Scheme = "bearer", BearerFormat = "JWT" };
            document.Security = [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference("bearer-jwt", document)] = [] }];
            return Task.CompletedTask;
        }));

    public static void MapApiDocument(this IEndpointRouteBuilder app)
    {
        app.MapOpenApi("/v3/{documentName}").AllowAnonymous();
        app.MapScalarApiReference("/swagger-ui", options => options.WithOpenApiRoutePattern("/v3/api-docs")).AllowAnonymous();
        app.MapGet("/swagger-ui.html", () => Results.Redirect("/swagger-ui")).AllowAnonymous().ExcludeFromDescription();
        app.MapGet("/", () => Results.Redirect("/swagger-ui")).AllowAnonymous().ExcludeFromDescription();
    }
}
