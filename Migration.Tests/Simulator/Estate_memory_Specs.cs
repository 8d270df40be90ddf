using Migration.Simulator.Mapping;
using Migration.Simulator.Visits;

namespace Migration.Tests.Simulator;

internal sealed class Estate_memory_Specs
{
    [Test]
    public void Should_hold_a_million_migrated_visits_in_little_memory()
    {
        const int Million = 1_000_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var visits = new VisitStore(Million);
        var mappings = new MappingStore();

        for (var id = 1; id <= Million; id++)
        {
            var reference = visits.Add(new VisitStore.NewVisit(
                id, $"A{id % 80_000}Y", "MDI", "Visits Main Hall", new DateTime(2020, 1, 1), new DateTime(2020, 1, 1), "BOOKED", "NOT_RECORDED", "OPEN", 2, 0));
            mappings.Add(new VisitMapping(id, reference, "2026-11-24T10:00:00", "MIGRATED", default));
        }

        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        Assert.That(held / 1_000_000, Is.LessThan(250), "megabytes");
        Assert.That(mappings.CountOf("2026-11-24T10:00:00"), Is.EqualTo(Million));
        GC.KeepAlive(visits);
    }
}
