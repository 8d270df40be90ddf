using System.Text.RegularExpressions;

namespace Migration.Sagas.Runs.Ledger;

/// <summary>Why an attempt failed, so that failures can be grouped, counted and replayed by cause.</summary>
/// <param name="Step">read, translate, create, map, room …</param>
/// <param name="Upstream">The API that answered, or "-" where none was asked.</param>
/// <param name="Status">HTTP status, "no answer", "not sent", or "-".</param>
/// <param name="Reason">A few words; may hold codes, not names.</param>
/// <param name="Detail">The whole error with ids, without personal data.</param>
public sealed partial record Failure(string Step, string Upstream, string Status, string Reason, string Detail)
{
    /// <summary>Step, upstream, status and reason with ids and dates cut out.</summary>
    public string Fingerprint => $"{Step}|{Upstream}|{Status}|{Variable().Replace(Reason, "#")}";

    [GeneratedRegex(@"\d{4}-\d\d-\d\d[T\d:.]*|\b[A-Z]\d{4}[A-Z]{2}\b|\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\d+", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Variable();
}
