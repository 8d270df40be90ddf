using System.Net;
using System.Text.Json.Nodes;
using Migration.Clients;
using Migration.Clients.SentencingAdjustments;

namespace Migration.Tests.Clients;

internal sealed class Sentencing_adjustments_client_Specs : ClientFixture<ISentencingAdjustments>
{
    private const string MediaType = "application/vnd.nomis-offence+json";

    private static readonly Guid Id = new("05b332ad-58eb-4ec2-963c-c9c927856788");

    private static readonly LegacyAdjustment Adjustment = new()
    {
        BookingId = 1234,
        SentenceSequence = 2,
        OffenderNo = "G4803UT",
        AdjustmentType = AdjustmentType.Remand,
        AdjustmentDate = new DateOnly(2022, 1, 1),
        AdjustmentFromDate = new DateOnly(2021, 7, 1),
        AdjustmentDays = 99,
        Comment = "Remand added",
        Active = true,
        BookingReleased = false,
        AgencyId = "MDI",
        CurrentTerm = true,
    };

    private static readonly JsonNode Expected = JsonNode.Parse("""
        {"bookingId":1234,"sentenceSequence":2,"offenderNo":"G4803UT","adjustmentType":"RX","adjustmentDate":"2022-01-01","adjustmentFromDate":"2021-07-01",
         "adjustmentDays":99,"comment":"Remand added","active":true,"bookingReleased":false,"agencyId":"MDI","currentTerm":true}
        """)!;

    [TestCase("/adjustments-api/legacy/adjustments", false)]
    [TestCase("/adjustments-api/legacy/adjustments/migration", true)]
    public async Task Should_create_an_adjustment(string target, bool isMigration) // C1 to C3
    {
        Upstream.Answers(201, $$"""{"adjustmentId":"{{Id}}"}""");

        var answer = await Answers.Of(Upstreams.Sentencing, ct => isMigration ? Client.Migrate(Adjustment, ct) : Client.Create(Adjustment, ct), default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That((asked.Method, asked.Target, asked.ContentType, asked.Authorization), Is.EqualTo(("POST", target, MediaType, "Bearer token-1")));
            Assert.That(JsonNode.DeepEquals(JsonNode.Parse(asked.Body), Expected), asked.Body);
            Assert.That(answer.Body!.AdjustmentId, Is.EqualTo(Id));
        });
    }

    [Test]
    public async Task Should_update_an_adjustment() // C2, C3
    {
        Upstream.Answers(200);

        var answer = await Answers.Of(Upstreams.Sentencing, ct => Client.Update(Id, Adjustment, ct), default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That((asked.Method, asked.Target, asked.ContentType), Is.EqualTo(("PUT", $"/adjustments-api/legacy/adjustments/{Id}", MediaType)));
            Assert.That(JsonNode.DeepEquals(JsonNode.Parse(asked.Body), Expected), asked.Body);
            Assert.That(answer.IsDone);
        });
    }

    [TestCase(200)]
    [TestCase(204)]
    public async Task Should_delete_an_adjustment(int status) // C2
    {
        Upstream.Answers(status);

        var answer = await Answers.Of(Upstreams.Sentencing, ct => Client.Delete(Id, ct), default);

        var asked = Upstream.Requests.Single();
        Assert.Multiple(() =>
        {
            Assert.That((asked.Method, asked.Target, asked.ContentType, asked.Body), Is.EqualTo(("DELETE", $"/adjustments-api/legacy/adjustments/{Id}", MediaType, "")));
            Assert.That(answer.IsDone);
        });
    }

    [Test]
    public async Task Should_read_an_adjustment_also_after_a_passing_error()
    {
        Upstream.AnswersOnce(503);
        Upstream.Answers(200, Expected.ToJsonString());

        var answer = await Answers.Of(Upstreams.Sentencing, ct => Client.Get(Id, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Select(asked => (asked.Method, asked.Target, asked.ContentType)),
                Is.EqualTo(Enumerable.Repeat(("GET", $"/adjustments-api/legacy/adjustments/{Id}", MediaType), 2)));
            Assert.That(answer.Body!.AdjustmentType, Is.EqualTo(AdjustmentType.Remand));
            Assert.That(answer.Body.SentenceSequence, Is.EqualTo(2));
        });
    }

    [Test]
    public async Task Should_tell_what_is_gone() // C4
    {
        Upstream.Answers(404, "{}");

        var answers = new[]
        {
            (await Answers.Of(Upstreams.Sentencing, ct => Client.Delete(Id, ct), default)).IsRefusedWith(HttpStatusCode.NotFound),
            (await Answers.Of(Upstreams.Sentencing, ct => Client.Update(Id, Adjustment, ct), default)).IsRefusedWith(HttpStatusCode.NotFound),
            (await Answers.Of(Upstreams.Sentencing, ct => Client.Get(Id, ct), default)).IsRefusedWith(HttpStatusCode.NotFound),
        };

        Assert.That(answers, Is.All.True);
    }

    [Test]
    public async Task Should_send_a_key_date_adjustment_without_a_sentence() // K3
    {
        Upstream.Answers(201, $$"""{"adjustmentId":"{{Id}}"}""");

        await Client.Create(
            new LegacyAdjustment { BookingId = 1, OffenderNo = "G4803UT", AdjustmentType = AdjustmentType.AdditionalDaysAwarded, AdjustmentDays = 8, Active = true, BookingReleased = false, CurrentTerm = false },
            default);

        Assert.That(JsonNode.Parse(Upstream.Requests.Single().Body)!.AsObject().Select(property => property.Key),
            Is.EquivalentTo(new[] { "bookingId", "offenderNo", "adjustmentType", "adjustmentDays", "active", "bookingReleased", "currentTerm" }));
    }
}
