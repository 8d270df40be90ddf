using System.Net;
using Migration.Clients;
using Migration.Clients.NomisPrisoner;

namespace Migration.Tests.Clients;

internal sealed class Nomis_adjustments_client_Specs : ClientFixture<INomisAdjustments>
{
    private const string Sentence = """
        {"id":987,"bookingId":1234,"bookingSequence":1,"hasBeenReleased":false,"prisonId":"WWI","offenderNo":"G4803UT","sentenceSequence":1,
         "adjustmentType":{"code":"RST","description":"RST Desc"},"adjustmentDate":"2021-10-06","adjustmentFromDate":"2021-10-07","adjustmentDays":8,
         "commentText":"not a field of the API","active":true,"hiddenFromUsers":false}
        """;

    private const string KeyDate = """
        {"id":987,"bookingId":1234,"bookingSequence":2,"hasBeenReleased":true,"prisonId":"OUT","offenderNo":"G4803UT",
         "adjustmentType":{"code":"ADA","description":"Additional days awarded"},"adjustmentDays":8,"comment":"a comment","active":true}
        """;

    [Test]
    public async Task Should_read_a_sentence_adjustment()
    {
        Upstream.Answers(200, Sentence);

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetSentenceAdjustment(987, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/sentence-adjustments/987"));
            Assert.That(Upstream.Requests.Single().Authorization, Is.EqualTo("Bearer token-1")); // C1
            Assert.That(answer.Body!.AdjustmentType.Code, Is.EqualTo("RST"));
            Assert.That(answer.Body.AdjustmentDate, Is.EqualTo(new DateOnly(2021, 10, 6)));
            Assert.That(answer.Body.AdjustmentFromDate, Is.EqualTo(new DateOnly(2021, 10, 7)));
            Assert.That(answer.Body.Comment, Is.Null);
            Assert.That(answer.Body.SentenceSequence, Is.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_read_a_key_date_adjustment_without_dates()
    {
        Upstream.Answers(200, KeyDate);

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetKeyDateAdjustment(987, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/key-date-adjustments/987"));
            Assert.That(answer.Body!.AdjustmentDate, Is.Null);
            Assert.That(answer.Body.Comment, Is.EqualTo("a comment"));
            Assert.That(answer.Body.BookingSequence, Is.EqualTo(2));
        });
    }

    [TestCase(404, AnswerKind.Refused)]
    [TestCase(500, AnswerKind.Unknown)]
    public async Task Should_tell_gone_from_an_error(int status, AnswerKind expected)
    {
        Upstream.Answers(status, "{}");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetSentenceAdjustment(987, ct), default);

        Assert.That((answer.Kind, answer.Status), Is.EqualTo((expected, (HttpStatusCode?)status)));
    }

    [Test]
    public async Task Should_ask_for_inactive_adjustments_of_a_booking_too() // C6
    {
        Upstream.Answers(200, $$"""{"keyDateAdjustments":[{{KeyDate}}],"sentenceAdjustments":[{{Sentence}}]}""");

        var answer = await Answers.Of(Upstreams.Nomis, ct => Client.GetAdjustments(1234567, ct), default);

        Assert.Multiple(() =>
        {
            Assert.That(Upstream.Requests.Single().Target, Is.EqualTo("/nomis/prisoners/booking-id/1234567/sentencing-adjustments?active-only=false"));
            Assert.That(answer.Body!.KeyDateAdjustments.Single().Id, Is.EqualTo(987));
            Assert.That(answer.Body.SentenceAdjustments.Single().Id, Is.EqualTo(987));
        });
    }
}
