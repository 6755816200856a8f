{{-- BookStack's own file of this name is empty, and there for themes --}}
@if(function_exists('session_notice'))
{!! session_notice($cspNonce ?? '') !!}
@endif
