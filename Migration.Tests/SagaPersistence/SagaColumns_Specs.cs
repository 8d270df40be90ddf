using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace Migration.Tests.SagaPersistence;

/// <summary>A saga comes back as it was stored, whatever its columns are.</summary>
public class SagaColumns_Specs : PersistenceFixture
{
    static readonly DateTime SentAt = new(2026, 11, 25, 12, 30, 0, DateTimeKind.Utc);

    [TestCase(true, "by hand")]
    [TestCase(false, "by hand")]
    [TestCase(true, null)]
    [TestCase(false, null)]
    public async Task Should_load_columns_of_every_kind_and_write_none_but_what_changed(bool usesAdvisoryLock, string? note)
    {
        var (seen, id) = (new Seen<ParcelSeen>(), Guid.NewGuid());
        DateTime? sentAt = note is null ? null : SentAt;
        var host = await StartAsync(
            x =>
            {
                x.AddConsumer<Recorder<ParcelSeen>>();
                x.AddSagaStateMachine<ParcelStateMachine, Parcel>().EntityFrameworkRepository(r =>
                {
                    r.ExistingDbContext<CounterDbContext>();
                    r.UsePostgres();
                    r.ConcurrencyMode = ConcurrencyMode.Pessimistic;
                    if (usesAdvisoryLock)
                        r.UseAdvisoryLock();
                });
            },
            services: s => s.AddSingleton(seen));
        await BusOf(host).Publish(new SendParcel(id, Size.Large, sentAt, note));
        await Eventually(async () => await ScalarAsync<long>("select count(*) from migration.parcels") == 1, "it is stored");
        await ExecuteAsync("""update migration.parcels set "Region" = 'South'""");

        await BusOf(host).Publish(new LookAtParcel(id));
        await Eventually(() => seen.Count == 1, "it was seen");
        await BusOf(host).Publish(new LookAtParcel(id));
        await Eventually(() => seen.Count == 2, "it was seen again");

        var last = seen.Messages[1];
        Assert.That(last, Is.EqualTo(new ParcelSeen(Size.Large, sentAt, last.Labels, note, 2, "South")));
        Assert.That(last.Labels, Is.EqualTo(new[] { "fragile", "this way up" }));
        Assert.That(
            await ScalarAsync<string>("""select concat_ws(',', "Size", "Labels", "Note", "Looks", "Region", "CurrentState") from migration.parcels"""),
            Is.EqualTo("Large,{fragile,\"this way up\"}," + (note is null ? "" : note + ",") + "2,South,Sent"));
    }
}
