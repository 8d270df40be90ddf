namespace Migration.Sagas.Domains;

/// <summary>A NOMIS code that no table knows: permanent until the table is extended.</summary>
/// <param name="what">What the code stands for: "visit outcome".</param>
/// <param name="code">The code itself.</param>
public sealed class UnknownCodeException(string what, string code) : UntranslatableException($"unknown {what} code {code}");
