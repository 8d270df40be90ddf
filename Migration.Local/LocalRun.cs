using Migration.Local.Parts;
using Migration.Local.Runs;
using Migration.Local.Syncs;
using Spectre.Console;

namespace Migration.Local;

/// <summary>Start everything, migrate or take in events, report, take everything down (or leave it up).</summary>
static class LocalRun
{
    /// <summary>0 when the reconciliation balances, 1 otherwise.</summary>
    public static async Task<int> ExecuteAsync(LocalOptions options, CancellationToken cancellationToken)
    {
        var console = options.Json ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error), Interactive = InteractionSupport.No }) : AnsiConsole.Console;
        if (options.Stop)
        {
            console.WriteLine(await KeptEnvironment.StopAsync() ? "Taken down." : "Nothing is up.");
            return 0;
        }

        await using var environment = await LocalEnvironment.UseOrStartAsync(options, console, cancellationToken);
        using var operations = new Operator(environment.Addresses);
        IReport report = options.Sync
            ? await SyncRun.ExecuteAsync(environment, operations, options, console, cancellationToken)
            : await MigrationRun.ExecuteAsync(environment, operations, options, console, cancellationToken);
        report.WriteTable(console);
        if (options.Keep || environment.WasUpBefore)
            environment.Leave(console);
        if (options.Json)
            Console.WriteLine(report.ToJson());
        return report.IsBalanced ? 0 : 1;
    }
}
