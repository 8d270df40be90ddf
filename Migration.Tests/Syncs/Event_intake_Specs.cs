using System.Diagnostics.Metrics;
using System.Text.Json;
using MassTransit;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Migration.Contracts.Syncs;
using Migration.Sagas.Runs;
using Migration.Sagas.Runs.Ledger;
using Migration.Sagas.Syncs;
using Migration.Sagas.Syncs.Intake;
using Migration.Sagas.Telemetry;
using Migration.Tests.Infrastructure;
using Moq;

namespace Migration.Tests.Syncs;

/// <summary>What becomes of a body on an events queue (spec: engine 4.1, 4.3).</summary>
public sealed class Event_intake_Specs : SyncFixture
{
    static readonly Guid Id = Guid.Parse("abcdef01-0000-1111-2222-000011112222");

    readonly List<SyncRequested> _sent = [];
    LedgerDatabase _database = null!; // set before each test

    [SetUp]
    public void Connect()
    {
        _sent.Clear();
        _database = new LedgerDatabase(ConnectionString);
    }

    [TearDown]
    public async Task Disconnect() => await _database.DisposeAsync();

    [Test]
    public async Task Should_ask_for_a_sync_that_carries_the_id_of_the_event()
    {
        Assert.That(await TakeAsync(Event("""{"id":7,"surplus":{}}""")), Is.True);

        Assert.That(_sent.Single(), Is.EqualTo(_sent.Single() with { CorrelationId = Id, Domain = "things" }));
        Assert.That(_sent.Single().Change.Key, Is.EqualTo("7"), "numbers and texts are one");
    }

    [TestCase("not json", "the body is not JSON")]
    [TestCase("[]", "the body is not a JSON object")]
    [TestCase("""{"Type":"Notification","Message":"{}"}""", "MessageAttributes.eventType is missing")]
    [TestCase("""{"Message":"{}"}""", "MessageAttributes.eventType is missing")]
    [TestCase("""{"Type":"Notification","MessageId":"x","Message":"{}","MessageAttributes":{"eventType":{"Value":"THING-CHANGED"}}}""", "MessageId is not a UUID")]
    [TestCase("""{"Type":"Notification","MessageAttributes":{"eventType":{"Value":"THING-CHANGED"}}}""", "Message is missing")]
    [TestCase("""{"Type":"RETRY","Message":"nonsense"}""", "Message is not JSON")]
    public void Should_name_the_reason_when_nobody_can_read_it(string body, string reason)
    {
        Assert.That(async () => await TakeAsync(body), Throws.InstanceOf<MalformedEventException>().With.Message.EqualTo(reason));
        Assert.That(_sent, Is.Empty);
    }

    [Test]
    public async Task Should_acknowledge_a_type_that_the_domain_does_not_know()
    {
        Assert.That(await TakeAsync(Event("{}", "THING-PAINTED")), Is.True);

        Assert.That(_sent, Is.Empty);
        Assert.That(await ParkedAsync(), Is.Empty);
    }

    [TestCase("feature.event.THING-CHANGED")]
    [TestCase("feature.event.things.THING-CHANGED")]
    [TestCase("FEATURE_EVENT_THINGS_THINGCHANGED")]
    public async Task Should_park_what_is_switched_off_until_it_is_on_again(string key)
    {
        var body = Event("""{"id":"7"}""");

        Assert.That((await TakeAsync(body, (key, "false")), await TakeAsync(body, (key, "false"))), Is.EqualTo((false, false)));
        Assert.That((_sent.Count, await ParkedAsync()), Is.EqualTo((0, new[] { Id.ToString() })), "a doubled event is parked once");

        Assert.That(await TakeAsync(body, (key, "true")), Is.True);
        Assert.That(_sent.Single().CorrelationId, Is.EqualTo(Id));
    }

    Task<string[]> ParkedAsync() => Source.ListAsync("select id::text from migration.parked_events where replayed_at is null");

    async Task<bool> TakeAsync(string body, params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(settings.Select(x => KeyValuePair.Create(x.Key, (string?)x.Value))).Build();
        await using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        await using var covered = new CoveredEvents(_database, Options.Create(new EngineOptions()));
        var intake = new EventIntake(new EventSwitches(configuration), new ParkedEvents(_database), covered, Mock.Of<ITelemetry>(), new SyncMetrics(services.GetRequiredService<IMeterFactory>()),
            NullLogger<EventIntake>.Instance);
        var endpoint = new Mock<ISendEndpoint>();
        endpoint.Setup(x => x.Send(It.IsAny<SyncRequested>(), It.IsAny<IPipe<SendContext<SyncRequested>>>(), It.IsAny<CancellationToken>()))
            .Callback((SyncRequested x, IPipe<SendContext<SyncRequested>> _, CancellationToken _) => _sent.Add(x)).Returns(Task.CompletedTask);
        var sender = Mock.Of<ISendEndpointProvider>(x => x.GetSendEndpoint(It.IsAny<Uri>()) == Task.FromResult(endpoint.Object));
        return await intake.TakeAsync(Domain, body, Guid.NewGuid(), sender, CancellationToken.None);
    }

    static string Event(string message, string type = "THING-CHANGED") => JsonSerializer.Serialize(new
    {
        Type = "Notification",
        MessageId = Id,
        Message = message,
        MessageAttributes = new { eventType = new { Type = "String", Value = type } },
        Signature = "ignored",
    });
}
