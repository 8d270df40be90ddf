using Migration.Simulator.Contracts;

namespace Migration.Simulator.Http;

/// <summary>One operation of one upstream, with what a request must look like and how often it was called.</summary>
internal sealed class Operation
{
    private readonly string[] _segments;
    private readonly long[] _counts = new long[600];

    /// <param name="path">Template, as in the document; its values are in braces.</param>
    public Operation(string upstream, string name, string method, string path, OperationContract? contract, string? role, Func<Call, Reply> handle)
    {
        (Upstream, Name, Method, Contract, Role, Handle) = (upstream, name, method, contract, role, handle);
        _segments = path.Split('/')[1..];
    }

    public string Upstream { get; }

    public string Name { get; }

    public string Method { get; }

    public OperationContract? Contract { get; }

    /// <summary>Null where no token is needed.</summary>
    public string? Role { get; }

    public Func<Call, Reply> Handle { get; }

    public Func<Call, long?>? NomisIdOf { get; init; }

    /// <summary>Content type without which a request is refused with 415, whether it has a body or not; null where any will do.</summary>
    public string? MediaType { get; init; }

    /// <summary>Calls that ended with a status; status 0 stands for those that were never answered.</summary>
    public IEnumerable<(int Status, long Count)> Counts => _counts.Select((count, status) => (status, count)).Where(entry => entry.count > 0);

    public void Count(int status) => Interlocked.Increment(ref _counts[status]);

    public void ResetCounts() => Array.Clear(_counts);

    /// <summary>The values of a path, still escaped, or null when it is another operation's.</summary>
    public string[]? Match(string method, ReadOnlySpan<char> path)
    {
        if (method != Method)
            return null;

        string[]? values = null;
        var found = 0;
        path = path[1..];
        for (var i = 0; i < _segments.Length; i++)
        {
            var slash = path.IndexOf('/');
            if (slash < 0 != (i == _segments.Length - 1))
                return null;
            var segment = slash < 0 ? path : path[..slash];
            var template = _segments[i];
            if (template.StartsWith('{'))
                (values ??= new string[_segments.Length])[found++] = Uri.UnescapeDataString(segment);
            else if (!segment.SequenceEqual(template))
                return null;
            path = slash < 0 ? [] : path[(slash + 1)..];
        }

        return values is null ? [] : values[..found];
    }
}
