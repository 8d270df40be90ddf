using Spectre.Console;

namespace Migration.Local;

/// <summary>The proof at the end of a local run.</summary>
interface IReport
{
    /// <summary>Everything is accounted for: nothing lost, nothing doubled that is not listed.</summary>
    bool IsBalanced { get; }

    void WriteTable(IAnsiConsole console);

    /// <summary>One JSON object, without a line break.</summary>
    string ToJson();
}
