using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Migration.Simulator.Sqs;

namespace Migration.Tests.Transport;

/// <summary>As in a pod: the platform gives a token in a file and a role, and the SDK exchanges them for credentials.</summary>
public class WebIdentity_Specs
{
    readonly ConcurrentQueue<string> _tokens = new();
    readonly ConcurrentQueue<(string Authorization, string Session)> _requests = new();

    [Test]
    public async Task Should_send_with_the_credentials_of_the_role_of_its_service_account()
    {
        var broker = new SqsBroker();
        await using var app = CreateAws(broker);
        await app.StartAsync();
        var token = Path.GetTempFileName();
        await File.WriteAllTextAsync(token, "a-token-of-the-cluster");

        using var process = Process.Start(StartInfo(app.Urls.Single(), token))!; // it was started just now
        await process.WaitForExitAsync(new CancellationTokenSource(TimeSpan.FromSeconds(60)).Token);
        File.Delete(token);

        Assert.That(process.ExitCode, Is.Zero);
        Assert.That(broker.Depths.Single(x => x.Name == "work").Visible, Is.EqualTo(1));
        Assert.That(_tokens.Distinct(), Is.EqualTo(new[] { "a-token-of-the-cluster" }));
        Assert.That(_requests.Select(x => x.Authorization), Is.All.Contains("Credential=ASIAOFTHEROLE/").And.All.Contains("/eu-west-2/sqs/"));
        Assert.That(_requests.Select(x => x.Session), Is.All.EqualTo("session-of-the-role"));
    }

    static ProcessStartInfo StartInfo(string url, string tokenFile)
    {
        var info = new ProcessStartInfo("dotnet", [typeof(TransportProcess).Assembly.Location, TransportProcess.SendByDefaultHost, url]) { UseShellExecute = false };
        foreach (var key in info.Environment.Keys.Where(x => x.StartsWith("AWS_", StringComparison.Ordinal)).ToArray())
            info.Environment.Remove(key);
        info.Environment["AWS_REGION"] = "eu-west-2";
        info.Environment["AWS_ROLE_ARN"] = "arn:aws:iam::000000000000:role/migration";
        info.Environment["AWS_ROLE_SESSION_NAME"] = "pod";
        info.Environment["AWS_WEB_IDENTITY_TOKEN_FILE"] = tokenFile;
        info.Environment["AWS_ENDPOINT_URL_STS"] = url;
        info.Environment["AWS_EC2_METADATA_DISABLED"] = "true";
        return info;
    }

    /// <summary>SQS, with a token service at the same address.</summary>
    WebApplication CreateAws(SqsBroker broker)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(x => x.Listen(IPAddress.Loopback, 0));
        var app = builder.Build();
        app.Use(async (context, next) =>
        {
            if (context.Request.Headers.ContainsKey("X-Amz-Target"))
            {
                _requests.Enqueue((context.Request.Headers.Authorization.ToString(), context.Request.Headers["X-Amz-Security-Token"].ToString()));
                await next();
                return;
            }
            var form = await context.Request.ReadFormAsync();
            _tokens.Enqueue(form["WebIdentityToken"].ToString());
            context.Response.ContentType = "text/xml";
            await context.Response.WriteAsync($"""
                <AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials>
                <AccessKeyId>ASIAOFTHEROLE</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session-of-the-role</SessionToken>
                <Expiration>{DateTime.UtcNow.AddHours(1):yyyy-MM-ddTHH:mm:ssZ}</Expiration></Credentials></AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>
                """);
        });
        app.MapSqs(broker);
        return app;
    }
}
