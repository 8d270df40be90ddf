using System.Net;
using System.Text;
using Migration.Clients.SentencingAdjustments;
using Migration.Simulator;
using Migration.Simulator.Nomis;

namespace Migration.Tests.Simulator;

internal sealed class Sentencing_simulation_Specs : EstateFixture
{
    private static readonly AdjustmentKey Key = new(AdjustmentCategory.Sentence, 987);

    private ISentencingAdjustments Adjustments => Client<ISentencingAdjustments>();

    [Test]
    public async Task Should_create_another_adjustment_with_every_call()
    {
        var first = await Adjustments.Create(Adjustment(), default);
        var second = await Adjustments.Migrate(Adjustment(), default);

        var records = Estate.Adjustment(Key).Records;
        Assert.Multiple(() =>
        {
            Assert.That(first.StatusCode, Is.EqualTo(HttpStatusCode.Created));
            Assert.That(records.Select(record => record.Id), Is.EqualTo(new[] { first.Content!.AdjustmentId, second.Content!.AdjustmentId }));
            Assert.That(records.Select(record => record.IsMigrated), Is.EqualTo(new[] { false, true }));
        });
    }

    [Test]
    public async Task Should_tell_what_was_created()
    {
        var id = (await Adjustments.Create(Adjustment(), default)).Content!.AdjustmentId;

        var read = (await Adjustments.Get(id, default)).Content!;

        Assert.Multiple(() =>
        {
            Assert.That((read.BookingId, read.SentenceSequence, read.OffenderNo, read.AdjustmentType), Is.EqualTo((5L, (int?)2, "G0001AA", AdjustmentType.Remand)));
            Assert.That((read.AdjustmentDate, read.AdjustmentFromDate, read.AdjustmentDays, read.CurrentTerm), Is.EqualTo(((DateOnly?)new DateOnly(2026, 1, 1), (DateOnly?)null, 9, true)));
        });
    }

    [Test]
    public async Task Should_keep_the_prisoner_when_the_rest_is_replaced()
    {
        var id = (await Adjustments.Create(Adjustment(), default)).Content!.AdjustmentId;
        var changed = Adjustment();
        changed.OffenderNo = "G9999AA";
        changed.AdjustmentDays = 10;

        await Adjustments.Update(id, changed, default);

        var read = (await Adjustments.Get(id, default)).Content!;
        Assert.That((read.OffenderNo, read.AdjustmentDays), Is.EqualTo(("G0001AA", 10)));
    }

    [Test]
    public async Task Should_not_know_an_adjustment_that_was_deleted()
    {
        var id = (await Adjustments.Create(Adjustment(), default)).Content!.AdjustmentId;

        var deleted = await Adjustments.Delete(id, default);

        var statuses = new[]
        {
            (await Adjustments.Get(id, default)).StatusCode, (await Adjustments.Update(id, Adjustment(), default)).StatusCode,
            (await Adjustments.Delete(id, default)).StatusCode, (await Adjustments.Get(Guid.NewGuid(), default)).StatusCode,
        };
        Assert.Multiple(() =>
        {
            Assert.That(deleted.StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(statuses, Is.All.EqualTo(HttpStatusCode.NotFound));
            Assert.That(Estate.Adjustment(Key).Records, Is.Empty);
        });
    }

    [TestCase("POST", "legacy/adjustments")]
    [TestCase("DELETE", "legacy/adjustments/05b332ad-58eb-4ec2-963c-c9c927856788")]
    [TestCase("GET", "legacy/adjustments/05b332ad-58eb-4ec2-963c-c9c927856788")]
    public async Task Should_refuse_any_other_content_type(string method, string path)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), $"sentencing/{path}");
        request.Headers.Authorization = new("Bearer", await Token("sentencing"));
        if (method == "POST")
            request.Content = new StringContent("{}", Encoding.UTF8, "application/json");

        using var response = await Http.SendAsync(request);

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.UnsupportedMediaType));
    }

    [Test]
    public async Task Should_refuse_what_the_document_does_not_allow()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sentencing/legacy/adjustments");
        request.Headers.Authorization = new("Bearer", await Token("sentencing"));
        request.Content = new StringContent(
            """{"bookingId":1,"offenderNo":"G0001AA","adjustmentType":"RX","adjustmentDate":"1/1/2026","adjustmentDays":9,"active":true,"bookingReleased":false,"currentTerm":true}""",
            Encoding.UTF8, "application/vnd.nomis-offence+json");

        using var response = await Http.SendAsync(request);

        Assert.Multiple(() =>
        {
            Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
            Assert.That(Estate.Invalid().First.Single(), Is.EqualTo("sentencing create-adjustment: adjustmentDate is not a date"));
        });
    }

    [Test]
    public async Task Should_misbehave_on_demand()
    {
        Server.Faults.Sentencing = new UpstreamFaults { ErrorRate = 1 };

        var answer = await Adjustments.Create(Adjustment(), default);

        Assert.Multiple(() =>
        {
            Assert.That((int)answer.StatusCode!, Is.GreaterThanOrEqualTo(500));
            Assert.That(Estate.Adjustment(Key).Records, Is.Empty);
        });
    }

    private static LegacyAdjustment Adjustment() => new()
    {
        BookingId = 5,
        SentenceSequence = 2,
        OffenderNo = "G0001AA",
        AdjustmentType = AdjustmentType.Remand,
        AdjustmentDate = new DateOnly(2026, 1, 1),
        AdjustmentDays = 9,
        Comment = "Court order seen [S987]",
        Active = true,
        BookingReleased = false,
        AgencyId = "MDI",
        CurrentTerm = true,
    };
}
