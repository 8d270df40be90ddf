using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Migration.Clients;
using Migration.Clients.VisitScheduler;
using Migration.Simulator;

namespace Migration.Tests.Simulator;

/// <summary>An estate, new for every test, with the real clients and a plain one.</summary>
internal abstract class EstateFixture
{
    private ServiceProvider _clients = null!; // set before each test

    protected EstateServer Server { get; private set; } = null!; // set before each test

    protected Estate Estate => Server.Estate;

    protected HttpClient Http { get; private set; } = null!; // set before each test

    protected virtual EstateOptions Options => new() { Visits = 500, Seed = 7, Today = new DateOnly(2026, 11, 24) };

    [SetUp]
    public async Task Start()
    {
        Server = await EstateServer.StartAsync(Options);
        Http = new HttpClient { BaseAddress = Server.Url };
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(Server.Settings.Select(setting => KeyValuePair.Create(setting.Key, (string?)setting.Value)))
            .AddInMemoryCollection([KeyValuePair.Create("API_TIMEOUT", (string?)"2s"), KeyValuePair.Create("API_MAPPING_TIMEOUT", (string?)"2s")]).Build();
        _clients = new ServiceCollection().AddMigrationClients(configuration).BuildServiceProvider();
    }

    [TearDown]
    public async Task Stop()
    {
        Http.Dispose();
        await _clients.DisposeAsync();
        await Server.DisposeAsync();
    }

    protected TClient Client<TClient>()
        where TClient : class => _clients.GetRequiredService<TClient>();

    protected async Task<string> Token(string client, string? extra = null)
    {
        using var response = await TokenResponse(client, client, extra);
        return (string)(await response.Content.ReadFromJsonAsync<JsonObject>())!["access_token"]!;
    }

    protected async Task<HttpResponseMessage> TokenResponse(string client, string secret, string? extra = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "auth/oauth/token");
        request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{client}:{secret}")));
        request.Content = new StringContent($"grant_type=client_credentials{extra}", Encoding.UTF8, "application/x-www-form-urlencoded");
        return await Http.SendAsync(request);
    }

    /// <summary>What a migration would send for a visit.</summary>
    protected MigrateVisit Translated(long nomisId)
    {
        var visit = Estate.Nomis.Find(nomisId)!; // the tests ask for visits that there are
        return new MigrateVisit
        {
            PrisonId = visit.PrisonId,
            PrisonerId = visit.OffenderNo,
            StartTimestamp = visit.Start,
            EndTimestamp = visit.End,
            VisitType = visit.Type.Code == "SCON" ? VisitType.Social : VisitType.Official,
            VisitStatus = visit.Status.Code == "CANC" ? VisitStatus.Cancelled : VisitStatus.Booked,
            VisitRoom = visit.Room?.Description ?? "UNKNOWN",
            VisitRestriction = VisitRestriction.Unknown,
            ContactList = [],
            Visitors = [.. visit.Visitors.Select(personId => new VisitPerson { NomisPersonId = personId })],
            VisitNotes = [],
            ActionedBy = visit.CreatedBy,
            CreateDateTime = visit.Created,
        };
    }

    protected Task<Answer<string>> Create(long nomisId) => Create(Translated(nomisId));

    protected Task<Answer<string>> Create(MigrateVisit visit) =>
        Answers.Of(Upstreams.Visits, ct => Client<IVisitScheduler>().MigrateVisit(visit, ct), default);
}
