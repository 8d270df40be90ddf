using FluentValidation;
using Migration.Sagas.Domains.Visits;

namespace Migration.Api.Domains.Visits;

/// <summary>What a filter must be before anything is stored. The reference accepted everything and failed later.</summary>
sealed class VisitsFilterValidator : AbstractValidator<VisitsFilter>
{
    /// <summary>England and Wales have fewer than 200 establishments; a longer list is a mistake, and would not fit a URL.</summary>
    const int MaxPrisons = 300;

    public static readonly VisitsFilterValidator Instance = new();

    VisitsFilterValidator()
    {
        RuleFor(x => x.PrisonIds).Cascade(CascadeMode.Stop)
            .NotNull().WithMessage("prisonIds must be a list")
            .Must(x => x.Count <= MaxPrisons).WithMessage($"prisonIds has more than {MaxPrisons} entries")
            .Must(x => x.All(IsPrisonId)).WithMessage("prisonIds must be codes of 2 to 6 capital letters or digits");
        RuleFor(x => x.VisitTypes).Cascade(CascadeMode.Stop)
            .NotNull().WithMessage("visitTypes must be a list")
            .Must(x => x.All(t => t is "SCON" or "OFFI")).WithMessage("visitTypes must be SCON or OFFI");
        RuleFor(x => x.ToDateTime)
            .Must((filter, to) => filter.FromDateTime is not { } from || to is not { } until || from <= until)
            .WithMessage("toDateTime must not be before fromDateTime");
    }

    static bool IsPrisonId(string? id) => id is { Length: >= 2 and <= 6 } && id.All(c => char.IsAsciiLetterUpper(c) || char.IsAsciiDigit(c));
}
