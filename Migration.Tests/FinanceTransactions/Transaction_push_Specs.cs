using System.Net;
using Migration.Clients.NomisMapping;
using Migration.Clients.NomisPrisoner;
using Migration.Clients.PrisonerFinance;
using Migration.Contracts.Syncs;
using Migration.Sagas.Domains;
using Migration.Sagas.Domains.FinanceTransactions;
using Migration.Sagas.Syncs.Steps;
using Migration.Tests.Visits;
using Moq;
using static Migration.Tests.FinanceTransactions.SampleTransaction;

namespace Migration.Tests.FinanceTransactions;

/// <summary>A transaction on its way to DPS and to its mapping, against clients that answer as they are told (spec: finance-transactions 3, 4, 6.3).</summary>
public sealed class Transaction_push_Specs
{
    const string DpsId = "a04f7a8d-61aa-400c-9395-000011112222";

    readonly Mock<INomisTransactions> _nomis = new();
    readonly Mock<ITransactionMappings> _mappings = new();
    readonly Mock<IPrisonerFinance> _finance = new();
    FlatSync<List<OffenderTransaction>, SyncTransaction> _sync = null!; // set before each test
    SyncTransaction? _posted;
    TransactionMapping? _written;

    [SetUp]
    public async Task AnswerAsForATransactionThatIsNotMapped()
    {
        (_posted, _written) = (null, null);
        _nomis.Setup(x => x.GetTransaction(Id, It.IsAny<CancellationToken>())).ReturnsAsync(Responses.Ok(new List<OffenderTransaction> { Row() }));
        var unmapped = await Responses.Error<TransactionMapping>(HttpStatusCode.NotFound);
        _mappings.Setup(x => x.FindByNomisId(Id, It.IsAny<CancellationToken>())).ReturnsAsync(unmapped);
        _mappings.Setup(x => x.Create(It.IsAny<TransactionMapping>(), It.IsAny<CancellationToken>()))
            .Callback((TransactionMapping mapping, CancellationToken _) => _written = mapping).ReturnsAsync(Responses.Ok());
        Post(Responses.Ok(new TransactionReceipt { RequestId = RequestId, SynchronizedTransactionId = new Guid(DpsId), Action = TransactionAction.Created }));
        _sync = new(new TransactionSyncEntity(_nomis.Object, _mappings.Object, _finance.Object));
    }

    [Test]
    public async Task Should_map_a_transaction_to_the_prisoner_and_booking_of_its_event() // P3
    {
        await MapAsync(Change(offenderNo: "A3864DZ", bookingId: "1234"));

        Assert.That(_written, Is.EqualTo(new TransactionMapping
        {
            DpsTransactionId = DpsId,
            NomisTransactionId = Id,
            NomisBookingId = 1234,
            OffenderNo = "A3864DZ",
            MappingType = TransactionMappingType.NomisCreated,
        }).UsingPropertiesComparer());
    }

    [Test]
    public async Task Should_map_to_no_prisoner_and_booking_zero_when_a_general_ledger_event_names_none()
    {
        await MapAsync(Change(offenderNo: null, bookingId: null)); // though the rows of NOMIS do

        Assert.That((_written!.NomisBookingId, _written.OffenderNo), Is.EqualTo((0L, (string?)null)));
    }

    [TestCase(null, TestName = "the event's")]
    [TestCase("0d6c1c1e-8a5e-4a3f-9b57-2f5d6c2a4e10", TestName = "that which the reference would have sent")]
    public async Task Should_name_a_request_by_an_id(string? carried)
    {
        var outcome = await PushAsync(Change("A3864DZ", "1234", carried));

        Assert.That(_posted!.RequestId, Is.EqualTo(carried is null ? RequestId : Guid.Parse(carried)));
        Assert.That((outcome.Kind, outcome.TargetId), Is.EqualTo((PushKind.Created, DpsId)));
    }

    [Test]
    public async Task Should_post_again_what_was_posted_in_part()
    {
        Post(await Responses.Error<TransactionReceipt>(HttpStatusCode.UnprocessableEntity));

        var outcome = await PushAsync(Change("A3864DZ", "1234"));

        Assert.That((outcome.IsRetry, outcome.IsUnknown, outcome.TargetId), Is.EqualTo((true, false, (string?)null)), "its receipt is no mapping's");
        Assert.That(outcome.FailedEvent!.Name, Is.EqualTo("transactions-synchronisation-created-failed"));
    }

    [Test]
    public async Task Should_not_post_again_what_dps_refuses_altogether()
    {
        Post(await Responses.Error<TransactionReceipt>(HttpStatusCode.BadRequest));

        Assert.That((await PushAsync(Change("A3864DZ", "1234"))).Kind, Is.EqualTo(PushKind.Failed));
    }

    [Test]
    public async Task Should_not_take_a_post_that_is_not_found_for_a_record_that_is_gone()
    {
        _mappings.Setup(x => x.FindByNomisId(Id, It.IsAny<CancellationToken>())).ReturnsAsync(
            Responses.Ok(new TransactionMapping { DpsTransactionId = DpsId, NomisTransactionId = Id, NomisBookingId = 1234, MappingType = TransactionMappingType.NomisCreated }));
        Post(await Responses.Error<TransactionReceipt>(HttpStatusCode.NotFound));

        var outcome = await PushAsync(Change("A3864DZ", "1234"));

        Assert.That((outcome.Kind, outcome.Failure?.Step, outcome.Failure?.Status), Is.EqualTo((PushKind.Failed, "update", "404")));
    }

    static SyncChange Change(string? offenderNo, string? bookingId, string? requestId = null) =>
        TransactionEvents.Of(Id, SyncMode.Upsert, "OFFENDER_TRANSACTIONS-INSERTED", "created", offenderNo, bookingId, requestId);

    void Post(Refit.IApiResponse<TransactionReceipt> answer) => _finance.Setup(x => x.Sync(It.IsAny<SyncTransaction>(), It.IsAny<CancellationToken>()))
        .Callback((SyncTransaction transaction, CancellationToken _) => _posted = transaction).ReturnsAsync(answer);

    Task<PushOutcome> PushAsync(SyncChange change) => _sync.PushAsync(Work(change), CancellationToken.None);

    Task<MappingOutcome> MapAsync(SyncChange change) => _sync.WriteMappingAsync(Work(change), DpsId, CancellationToken.None);

    static SyncWork Work(SyncChange change) => new()
    {
        SyncId = RequestId,
        Change = change,
        IsMappingRetry = false,
        BeginAsync = (_, _) => Task.FromResult(new StepGrant(IsGranted: true, Ambiguity: null)),
    };
}
