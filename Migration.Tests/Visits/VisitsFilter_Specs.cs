using System.Text.Json;
using Migration.Sagas.Domains.Visits;

namespace Migration.Tests.Visits;

public class VisitsFilter_Specs
{
    [Test]
    public void Should_describe_each_property_as_the_telemetry_shows_it() // V-09
    {
        var filter = new VisitsFilter
        {
            PrisonIds = ["LEI", "BXI"],
            FromDateTime = new DateTime(2020, 1, 1),
            ToDateTime = new DateTime(2020, 1, 2, 23, 0, 0),
        };

        Assert.That(filter.Describe(), Is.EqualTo(new (string, string?)[]
        {
            ("prisonIds", "[LEI, BXI]"), ("visitTypes", "[SCON]"), ("fromDateTime", "2020-01-01T00:00"), ("toDateTime", "2020-01-02T23:00"), ("ignoreMissingRoom", "false"),
        }));
    }

    [Test]
    public void Should_describe_empty_lists_and_leave_out_dates_that_are_not_set() // V-10
    {
        var described = new VisitsFilter { VisitTypes = [] }.Describe().Where(x => x.Value is not null);

        Assert.That(described, Is.EqualTo(new (string, string?)[] { ("prisonIds", "[]"), ("visitTypes", "[]"), ("ignoreMissingRoom", "false") }));
    }

    [Test]
    public void Should_show_seconds_that_are_not_zero() =>
        Assert.That(new VisitsFilter { FromDateTime = new DateTime(2020, 1, 1, 1, 30, 7) }.Describe(), Does.Contain(("fromDateTime", (string?)"2020-01-01T01:30:07")));

    [Test]
    public void Should_select_social_visits_when_no_type_is_named_and_all_when_the_list_is_empty() => Assert.Multiple(() => // E27
    {
        Assert.That(Read("{}").VisitTypes, Is.EqualTo(new[] { "SCON" }));
        Assert.That(Read("""{"visitTypes":[]}""").VisitTypes, Is.Empty);
    });

    [Test]
    public void Should_take_no_notice_of_properties_that_it_does_not_know() => // endDateTime of the README is one
        Assert.That(Read("""{"endDateTime":"2020-01-02T00:00:00"}""").ToDateTime, Is.Null);

    [Test]
    public void Should_be_written_without_nulls() =>
        Assert.That(JsonSerializer.Serialize(new VisitsFilter { PrisonIds = ["MDI"] }, VisitsFilter.Json),
            Is.EqualTo("""{"prisonIds":["MDI"],"visitTypes":["SCON"],"ignoreMissingRoom":false}"""));

    static VisitsFilter Read(string json)
    {
        using var document = JsonDocument.Parse(json);
        return VisitsFilter.Read(document.RootElement);
    }
}
