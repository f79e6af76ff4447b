"""How do records of ours become FHIR R4 resources, and come back? The one home of fhir.resources."""
