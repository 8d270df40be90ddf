using System.Net;
using Microsoft.Extensions.Time.Testing;
using Migration.Clients.NomisMapping;
using Migration.Clients.VisitScheduler;
using Migration.Sagas.Domains.Visits;
using Moq;
using Refit;

namespace Migration.Tests.Visits;

public class VisitRooms_Specs
{
    const string Room = "MDI-VISITS-OFF_VIS";

    readonly FakeTimeProvider _time = new();
    readonly Mock<IVisitMappings> _mappings = new();
    VisitRooms _rooms = null!; // set before each test

    [SetUp]
    public void Forget()
    {
        _mappings.Reset();
        _rooms = new VisitRooms(_mappings.Object, _time);
    }

    [TestCase(true, VisitRestriction.Open)]
    [TestCase(false, VisitRestriction.Closed)]
    public async Task Should_know_the_room_and_whether_it_is_open(bool isOpen, VisitRestriction expected)
    {
        Answers(Responses.Ok(new RoomMapping { VsipId = "Main Hall", IsOpen = isOpen }));

        var answer = await _rooms.FindAsync("MDI", Room, default);

        Assert.That(answer.Body, Is.EqualTo(new VisitRoom("Main Hall", expected)));
    }

    [Test]
    public async Task Should_keep_a_mapping_for_a_minute()
    {
        Answers(Responses.Ok(new RoomMapping { VsipId = "Main Hall", IsOpen = true }));

        await _rooms.FindAsync("MDI", Room, default);
        _time.Advance(TimeSpan.FromSeconds(59));
        var kept = await _rooms.FindAsync("MDI", Room, default);

        Assert.That(kept.Body!.Name, Is.EqualTo("Main Hall"));
        AssertAsked(times: 1);

        _time.Advance(TimeSpan.FromSeconds(2));
        await _rooms.FindAsync("MDI", Room, default);
        AssertAsked(times: 2);
    }

    [Test]
    public async Task Should_see_a_mapping_that_an_operator_adds_within_seconds()
    {
        Answers(await Responses.Error<RoomMapping>(HttpStatusCode.NotFound));
        var missing = await _rooms.FindAsync("MDI", Room, default);
        Answers(Responses.Ok(new RoomMapping { VsipId = "Main Hall", IsOpen = true }));

        _time.Advance(TimeSpan.FromSeconds(4));
        var stillMissing = await _rooms.FindAsync("MDI", Room, default);
        _time.Advance(TimeSpan.FromSeconds(2));
        var added = await _rooms.FindAsync("MDI", Room, default);

        Assert.Multiple(() =>
        {
            Assert.That(missing.IsRefusedWith(HttpStatusCode.NotFound));
            Assert.That(stillMissing.IsRefusedWith(HttpStatusCode.NotFound));
            Assert.That(added.Body?.Name, Is.EqualTo("Main Hall"));
        });
    }

    [Test]
    public async Task Should_ask_again_after_an_error()
    {
        Answers(await Responses.Error<RoomMapping>(HttpStatusCode.InternalServerError));
        var failed = await _rooms.FindAsync("MDI", Room, default);
        Answers(Responses.Ok(new RoomMapping { VsipId = "Main Hall", IsOpen = true }));

        var found = await _rooms.FindAsync("MDI", Room, default);

        Assert.That((failed.Status, found.IsDone), Is.EqualTo(((HttpStatusCode?)HttpStatusCode.InternalServerError, true)));
    }

    [Test]
    public async Task Should_tell_rooms_of_two_prisons_apart()
    {
        Answers(Responses.Ok(new RoomMapping { VsipId = "Main Hall", IsOpen = true }));

        await _rooms.FindAsync("MDI", Room, default);
        await _rooms.FindAsync("BXI", Room, default);

        _mappings.Verify(x => x.FindRoom("MDI", Room, It.IsAny<CancellationToken>()), Times.Once);
        _mappings.Verify(x => x.FindRoom("BXI", Room, It.IsAny<CancellationToken>()), Times.Once);
    }

    void Answers(IApiResponse<RoomMapping> response) =>
        _mappings.Setup(x => x.FindRoom(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>())).ReturnsAsync(response);

    void AssertAsked(int times) =>
        _mappings.Verify(x => x.FindRoom(It.IsAny<string>(), It.IsAny<string>(), It.IsAny<CancellationToken>()), Times.Exactly(times));
}
