using System.Diagnostics;
using Migration.Local.Parts;

namespace Migration.Tests.Local;

public class Process_identity_Specs
{
    [Test]
    public async Task Should_end_the_process_that_was_started()
    {
        using var process = Process.Start("sleep", "600");
        var identity = ProcessIdentity.Of(process);
        Assert.That(identity.IsAlive);

        await ProcessEnd.StopAsync(identity);

        Assert.That((process.HasExited, identity.IsAlive), Is.EqualTo((true, false)));
    }

    [Test]
    public async Task Should_leave_a_stranger_alone_that_has_got_its_id()
    {
        using var stranger = Process.Start("sleep", "600");
        var former = new ProcessIdentity(stranger.Id, DateTime.UtcNow.AddHours(-1));
        Assert.That(former.IsAlive, Is.False);

        await ProcessEnd.StopAsync(former);

        Assert.That(stranger.HasExited, Is.False);
        stranger.Kill();
    }
}
